namespace WalletFunctions.Tests.Faults;

/// <summary>The promise about every delink after any fault.</summary>
internal static class Promise
{
    /// <summary>Returns the broken part of the promise, or null.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="isRetryable">Whether the answer is retryable.</param>
    /// <param name="wasLinked">Whether the wallet was linked at Juspay before.</param>
    /// <param name="isLinked">Whether it is linked now, after all running requests have ended.</param>
    public static string? Broken(int status, bool isRetryable, bool wasLinked, bool isLinked) => (status, isRetryable, wasLinked, isLinked) switch
    {
        (200, _, _, true) => "false success: answered 200, still linked at Juspay",
        (not 200, false, true, false) => $"hidden success: the product unlinked the wallet at Juspay, but answered {status} as final",
        _ => null,
    };
}

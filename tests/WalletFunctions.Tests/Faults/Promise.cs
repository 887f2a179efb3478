namespace WalletFunctions.Tests.Faults;

/// <summary>The guarantee for every delink, under any fault.</summary>
internal static class Promise
{
    /// <summary>Returns the part of the promise that is broken, or null.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="isRetryable">Whether the answer says that the call may be repeated.</param>
    /// <param name="wasLinked">Whether the wallet was linked at Juspay before.</param>
    /// <param name="isLinked">Whether it is linked now, after all pending requests have completed.</param>
    public static string? Broken(int status, bool isRetryable, bool wasLinked, bool isLinked) => (status, isRetryable, wasLinked, isLinked) switch
    {
        (200, _, _, true) => "false success: answered 200, still linked at Juspay",
        (not 200, false, true, false) => $"hidden success: the product unlinked the wallet at Juspay, but answered {status} as final",
        _ => null,
    };
}

namespace WalletFunctions.Tests.Faults;

/// <summary>What is promised about every delink, whatever goes wrong.</summary>
internal static class Promise
{
    /// <summary>The part of the promise that is broken, or null.</summary>
    /// <param name="status">What was answered.</param>
    /// <param name="isRetryable">Whether the answer says that repeating makes sense.</param>
    /// <param name="wasLinked">Whether the wallet was linked at Juspay before.</param>
    /// <param name="isLinked">Whether it is now, with all that was still under way come to pass.</param>
    public static string? Broken(int status, bool isRetryable, bool wasLinked, bool isLinked) => (status, isRetryable, wasLinked, isLinked) switch
    {
        (200, _, _, true) => "false success: answered 200, still linked at Juspay",
        (not 200, false, true, false) => $"hidden success: unlinked at Juspay by us, answered {status} as final",
        _ => null,
    };
}

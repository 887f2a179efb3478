namespace WalletFunctions.Tests.Faults;

/// <summary>The promises about every delink after any fault.</summary>
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

    /// <summary>Returns the broken part of the promise that an accepted event is done or in a queue, or null.</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="isLinked">Whether the wallet is linked at Juspay.</param>
    /// <param name="kept">How many messages are in the queues, read before <paramref name="isLinked"/>.</param>
    public static string? Lost(int status, bool isLinked, int kept) =>
        status is 202 && isLinked && kept is 0 ? "lost: accepted, but neither done nor in a queue" : null;
}

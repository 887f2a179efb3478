using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;

namespace WalletFunctions.Delinking;

/// <summary>Maps how a request to Juspay ended to the problem that the caller gets.</summary>
internal static class JuspayProblem
{
    /// <summary>The problem of an answer that does not delink the wallet, with one row for each verdict.</summary>
    public static Problem Of(JuspayAnswer answer)
    {
        // A verdict without a row does not compile (CS8509).
        var (type, detail) = answer.Verdict switch
        {
            JuspayVerdict.Success => (ProblemType.JuspayUnexpectedResponse,
                "Juspay accepted the delink but says that the wallet is still linked."),
            JuspayVerdict.KeyRefused => (ProblemType.JuspayUnauthenticated,
                "Juspay refuses the API key in Key Vault, which was read again. The operator has to store a valid one."),
            JuspayVerdict.Forbidden => (ProblemType.JuspayForbidden,
                "Juspay refuses this service's address or merchant. The operator must ask Juspay to allow them."),
            JuspayVerdict.NotFound => (ProblemType.WalletNotFound,
                "Juspay does not know this wallet. Check the wallet id, and that it belongs to this merchant and environment."),
            JuspayVerdict.Busy => (ProblemType.WalletBusy,
                "Juspay is still busy with another request for this wallet. Repeat the call in a moment."),
            JuspayVerdict.WrongState => (ProblemType.JuspayRejected,
                "Juspay does not allow the delink in the wallet's present state."),
            JuspayVerdict.Rejected => (ProblemType.JuspayRejected,
                "Juspay refuses the request. The member 'juspay' has its reason."),
            JuspayVerdict.Throttled => (ProblemType.JuspayThrottled,
                "Juspay takes no more requests for now. Repeat the call after the time in Retry-After."),
            JuspayVerdict.NotProcessed or JuspayVerdict.NotSent => (ProblemType.JuspayUnavailable,
                "Juspay could not be reached, or did not process the request. Repeat the call: delinking twice is harmless."),
            JuspayVerdict.Failed or JuspayVerdict.FailedForGood or JuspayVerdict.Lost => (ProblemType.JuspayUnavailable,
                "Juspay failed, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
            JuspayVerdict.Unexpected => (ProblemType.JuspayUnexpectedResponse,
                $"Juspay's answer cannot be relied on: {answer.Defect}."),
            JuspayVerdict.TimedOut => (ProblemType.JuspayTimeout,
                "Juspay gave no answer in time, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
        };
        return new Problem(type, detail) { Juspay = answer.Report, RetryAfter = answer.RetryAfter };
    }

    /// <summary>The problem of a refused key when Key Vault was read too recently to be read again.</summary>
    /// <param name="refusal">Juspay's answer.</param>
    /// <param name="nextRead">The time until Key Vault is read again.</param>
    public static Problem OfKeyRefusedBefore(JuspayAnswer refusal, TimeSpan nextRead) => new(ProblemType.JuspayUnauthenticated,
        "Juspay refuses the API key. Key Vault held no other when it was read a short while ago, and is not read again before Retry-After. "
        + "Repeat the call then; it succeeds if the operator has stored a valid key.")
    {
        Juspay = refusal.Report,
        RetryAfter = nextRead,
        Retryable = true,
    };

    /// <summary>The problem of a key that is not available.</summary>
    public static Problem Of(SecretReading<JuspayApiKey>.Unavailable key) =>
        new(key.IsMisconfigured ? ProblemType.ApiKeyNotConfigured : ProblemType.ApiKeyUnavailable, key.Detail) { RetryAfter = key.RetryAfter };
}

using WalletFunctions.Juspay;
using WalletFunctions.Secrets;

namespace WalletFunctions.Delinking;

/// <summary>Why a delink was not done. The HTTP contract has an answer for each, and the compiler sees that none is forgotten.</summary>
public enum DelinkFailure
{
    /// <summary>Juspay does not know the wallet.</summary>
    WalletNotFound,

    /// <summary>Juspay does not know the customer.</summary>
    CustomerNotFound,

    /// <summary>Juspay is busy with another request for the wallet.</summary>
    WalletBusy,

    /// <summary>Juspay refuses the request itself.</summary>
    Rejected,

    /// <summary>Juspay does not accept our key, and Key Vault has no other.</summary>
    KeyRefused,

    /// <summary>Juspay does not accept our address or merchant.</summary>
    Forbidden,

    /// <summary>Juspay throttles us.</summary>
    Throttled,

    /// <summary>Juspay fails or cannot be reached. Whether the wallet was delinked may be unknown.</summary>
    Unavailable,

    /// <summary>Juspay's answer is not about this wallet, cannot be read, or says that it is still linked.</summary>
    UnexpectedAnswer,

    /// <summary>No answer in time. Whether the wallet was delinked is unknown.</summary>
    NoAnswerInTime,

    /// <summary>The caller hung up or the instance shuts down. Whether the wallet was delinked is unknown.</summary>
    CallerCancelled,

    /// <summary>Key Vault cannot be read and no key is in memory.</summary>
    KeyUnavailable,

    /// <summary>Key Vault holds no usable key.</summary>
    KeyNotConfigured,
}

/// <summary>What failures are called, by the HTTP contract and by the audit records alike.</summary>
public static class DelinkFailures
{
    /// <summary>The stable code of a failure, snake_case.</summary>
    public static string Code(this DelinkFailure reason) => reason switch
    {
        DelinkFailure.WalletNotFound => "wallet_not_found",
        DelinkFailure.CustomerNotFound => "customer_not_found",
        DelinkFailure.WalletBusy => "wallet_busy",
        DelinkFailure.Rejected => "juspay_rejected",
        DelinkFailure.KeyRefused => "juspay_unauthenticated",
        DelinkFailure.Forbidden => "juspay_forbidden",
        DelinkFailure.Throttled => "juspay_throttled",
        DelinkFailure.Unavailable => "juspay_unavailable",
        DelinkFailure.UnexpectedAnswer => "juspay_unexpected_response",
        DelinkFailure.NoAnswerInTime => "juspay_timeout",
        DelinkFailure.CallerCancelled => "caller_cancelled",
        DelinkFailure.KeyUnavailable => "api_key_unavailable",
        DelinkFailure.KeyNotConfigured => "api_key_not_configured",
    };
}

/// <summary>What it took, for the audit record.</summary>
/// <param name="whole">The trail of the request that this one is a part of, where a request delinks several wallets.</param>
public sealed class DelinkTrail(DelinkTrail? whole = null)
{
    private int _attempts;

    /// <summary>How many delinks were sent to Juspay, those included whose answer was lost; for a customer, the sum over the wallets.</summary>
    public int Attempts => _attempts;

    /// <summary>How many of all requests to Juspay repeated one that failed in a way that may pass.</summary>
    public int Retries { get; internal set; }

    /// <summary>Whether the wallet was read to settle an ambiguous answer.</summary>
    public bool Confirmed { get; internal set; }

    /// <summary>The version of the API key last used, or null if there was none.</summary>
    public string? KeyVersion { get; internal set; }

    /// <summary>Juspay's id of its last answer.</summary>
    public string? JuspayRequestId { get; internal set; }

    internal void CountDelink()
    {
        Interlocked.Increment(ref _attempts);
        whole?.CountDelink();
    }
}

/// <summary>The end of one delink: done, or not and why.</summary>
public abstract record DelinkOutcome
{
    private DelinkOutcome()
    {
    }

    /// <summary>Both cases at once, so that none can be forgotten.</summary>
    public abstract TResult Match<TResult>(Func<Delinked, TResult> delinked, Func<Failed, TResult> failed);

    /// <summary>The wallet is unlinked: Juspay says so, about this wallet, in this request.</summary>
    /// <param name="Wallet">The wallet, with <see cref="WalletAccount.Linked"/> false.</param>
    public sealed record Delinked(WalletAccount Wallet) : DelinkOutcome
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Delinked, TResult> delinked, Func<Failed, TResult> failed) => delinked(this);
    }

    /// <summary>The wallet may still be linked.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">The same as a sentence for the caller.</param>
    public sealed record Failed(DelinkFailure Reason, string Detail) : DelinkOutcome
    {
        /// <summary>What Juspay said last, if it answered.</summary>
        public JuspayReport? Juspay { get; init; }

        /// <summary>How long to wait before trying again, where Juspay or Key Vault's state says so.</summary>
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>Whether the same call may succeed this time although the reason is usually final.</summary>
        public bool MayPass { get; init; }

        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Delinked, TResult> delinked, Func<Failed, TResult> failed) => failed(this);

        /// <summary>What an answer of Juspay's comes to that is no success.</summary>
        internal static Failed Because(JuspayAnswer answer)
        {
            var (reason, detail) = answer.Verdict switch
            {
                JuspayVerdict.Success => (DelinkFailure.UnexpectedAnswer,
                    "Juspay accepted the delink but says that the wallet is still linked."),
                JuspayVerdict.KeyRefused => (DelinkFailure.KeyRefused,
                    "Juspay refuses the API key in Key Vault, which was read again. The operator has to store a valid one."),
                JuspayVerdict.Forbidden => (DelinkFailure.Forbidden,
                    "Juspay refuses this service's address or merchant. The operator has to have them allowed at Juspay."),
                JuspayVerdict.NotFound => (DelinkFailure.WalletNotFound,
                    "Juspay does not know this wallet. Check the wallet id, and that it belongs to this merchant and environment."),
                JuspayVerdict.Busy => (DelinkFailure.WalletBusy,
                    "Juspay is still busy with another request for this wallet. Repeat the call in a moment."),
                JuspayVerdict.WrongState => (DelinkFailure.Rejected,
                    "Juspay does not allow the delink in the wallet's present state."),
                JuspayVerdict.Rejected => (DelinkFailure.Rejected,
                    "Juspay refuses the request. See the member 'juspay' for what it says."),
                JuspayVerdict.Throttled => (DelinkFailure.Throttled,
                    "Juspay takes no more requests for now. Repeat the call after the time in Retry-After."),
                JuspayVerdict.NotTakenUp or JuspayVerdict.NotSent => (DelinkFailure.Unavailable,
                    "Juspay could not be reached, or did not take the request up. Repeat the call: delinking twice is harmless."),
                JuspayVerdict.Failed or JuspayVerdict.FailedForGood or JuspayVerdict.Lost => (DelinkFailure.Unavailable,
                    "Juspay failed, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
                JuspayVerdict.Unexpected => (DelinkFailure.UnexpectedAnswer,
                    $"Juspay's answer cannot be relied on: {answer.Problem}."),
                JuspayVerdict.TimedOut => (DelinkFailure.NoAnswerInTime,
                    "Juspay gave no answer in time, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
            };
            return new Failed(reason, detail) { Juspay = answer.Report, RetryAfter = answer.RetryAfter };
        }

        /// <summary>Juspay refuses the key, and Key Vault was not read after that, because it was read a short while ago.</summary>
        /// <param name="answer">Juspay's refusal.</param>
        /// <param name="nextRead">How long it takes until Key Vault is read again.</param>
        internal static Failed KeyRefusedBefore(JuspayAnswer answer, TimeSpan nextRead) => new(DelinkFailure.KeyRefused,
            "Juspay refuses the API key. Key Vault held no other when it was read a short while ago, and is not read again before Retry-After. "
            + "Repeat the call then; it succeeds if the operator has stored a valid key.")
        {
            Juspay = answer.Report,
            RetryAfter = nextRead,
            MayPass = true,
        };

        /// <summary>What the lack of a key comes to.</summary>
        internal static Failed Because(SecretReading<JuspayApiKey>.Unavailable why) => new(
            why.IsMisconfigured ? DelinkFailure.KeyNotConfigured : DelinkFailure.KeyUnavailable, why.Detail)
        {
            RetryAfter = why.RetryAfter,
        };
    }
}

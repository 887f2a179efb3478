namespace WalletFunctions.Juspay;

/// <summary>What came of one request to Juspay. Every request ends in exactly one of these.</summary>
public enum JuspayVerdict
{
    /// <summary>2xx with what was asked for: the wallet, or a page of the customer's wallets.</summary>
    Success,

    /// <summary>401, or a refusal whose code is UNAUTHORIZED or UNAUTHENTICATED: Juspay does not accept our key.</summary>
    KeyRefused,

    /// <summary>403: Juspay does not accept our address or merchant.</summary>
    Forbidden,

    /// <summary>404 or RESOURCE_NOT_FOUND, in Juspay's own envelope.</summary>
    NotFound,

    /// <summary>409 or DUPLICATE_REQUEST: another request for the wallet is in process.</summary>
    Busy,

    /// <summary>INVALID_ACTION or ALREADY_EXISTS: not allowed in the wallet's present state, which may be the one we want.</summary>
    WrongState,

    /// <summary>Any other 4xx about the request.</summary>
    Rejected,

    /// <summary>429.</summary>
    Throttled,

    /// <summary>408 or 425: Juspay did not process the request and asks for it again.</summary>
    NotTakenUp,

    /// <summary>500, 502, 503 or 504: Juspay or a proxy before it failed, perhaps after the wallet was delinked.</summary>
    Failed,

    /// <summary>Any other 5xx: repeating at once cannot help.</summary>
    FailedForGood,

    /// <summary>An answer that is not of this API: unreadable, another wallet's, a redirect, a 404 without Juspay's envelope.</summary>
    Unexpected,

    /// <summary>The request never left: no such host, connection refused, TLS failed.</summary>
    NotSent,

    /// <summary>The connection broke after the request may have left.</summary>
    Lost,

    /// <summary>No whole answer within the attempt's time.</summary>
    TimedOut,
}

/// <summary>What a verdict says about the request's effect at Juspay.</summary>
internal enum JuspayEffect
{
    /// <summary>Juspay carried the request out.</summary>
    Done,

    /// <summary>Juspay refused the request and changed nothing.</summary>
    Refused,

    /// <summary>Juspay refused the request because of the wallet's state, which may be the state that was asked for.</summary>
    RefusedInThisState,

    /// <summary>Juspay refused the caller, not the request, so reading the wallet would be refused as well.</summary>
    CallerRefused,

    /// <summary>Juspay did not carry the request out, and the same request may succeed later.</summary>
    NotDone,

    /// <summary>
    /// Juspay may have carried the request out without saying so. This includes answers that should exclude it (429, 408, 425), because a proxy
    /// may have sent them.
    /// </summary>
    Unknown,
}

/// <summary>All that is known of a verdict. <see cref="Of"/> has one row for each.</summary>
/// <param name="Effect">What happened at Juspay.</param>
/// <param name="IsTransient">Whether the same request may get a better answer within the caller's time.</param>
internal readonly record struct VerdictKnowledge(JuspayEffect Effect, bool IsTransient)
{
    // A verdict without a row does not compile (CS8509).
    public static VerdictKnowledge Of(JuspayVerdict verdict) => verdict switch
    {
        JuspayVerdict.Success => new(JuspayEffect.Done, IsTransient: false),
        JuspayVerdict.KeyRefused => new(JuspayEffect.CallerRefused, IsTransient: false),
        JuspayVerdict.Forbidden => new(JuspayEffect.CallerRefused, IsTransient: false),
        JuspayVerdict.NotFound => new(JuspayEffect.Refused, IsTransient: false),
        JuspayVerdict.Busy => new(JuspayEffect.NotDone, IsTransient: false),
        JuspayVerdict.WrongState => new(JuspayEffect.RefusedInThisState, IsTransient: false),
        JuspayVerdict.Rejected => new(JuspayEffect.Refused, IsTransient: false),
        JuspayVerdict.Throttled => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.NotTakenUp => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.Failed => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.FailedForGood => new(JuspayEffect.Unknown, IsTransient: false),
        JuspayVerdict.Unexpected => new(JuspayEffect.Unknown, IsTransient: false),
        JuspayVerdict.NotSent => new(JuspayEffect.NotDone, IsTransient: true),
        JuspayVerdict.Lost => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.TimedOut => new(JuspayEffect.Unknown, IsTransient: true),
    };
}

/// <summary>One request's end: the verdict, and what is known beside it.</summary>
/// <param name="Verdict">What came of it.</param>
public sealed record JuspayAnswer(JuspayVerdict Verdict)
{
    /// <summary>The wallet, where one was asked for with success.</summary>
    public WalletAccount? Wallet { get; init; }

    /// <summary>The page, where one was asked for with success.</summary>
    public WalletPage? Page { get; init; }

    /// <summary>What Juspay said, where it answered with anything but a wallet.</summary>
    public JuspayReport? Report { get; init; }

    /// <summary>How long Juspay asks us to wait, from either form of <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Juspay's id of the request, where it gave one.</summary>
    public string? RequestId { get; init; }

    /// <summary>What is wrong, as the end of a sentence, for <see cref="JuspayVerdict.Unexpected"/>.</summary>
    public string? Problem { get; init; }

    /// <summary>What happened at Juspay.</summary>
    internal JuspayEffect Effect => VerdictKnowledge.Of(Verdict).Effect;

    /// <summary>Whether the same request may get a better answer soon.</summary>
    internal bool IsTransient => VerdictKnowledge.Of(Verdict).IsTransient;
}

namespace WalletFunctions.Juspay;

/// <summary>How a request to Juspay ended. Each request ends in exactly one verdict.</summary>
internal enum JuspayVerdict
{
    /// <summary>2xx with the wallet or the page of wallets that was requested.</summary>
    Success,
    /// <summary>401, or a refusal with the code UNAUTHORIZED or UNAUTHENTICATED: Juspay does not accept the API key.</summary>
    KeyRefused,
    /// <summary>403: Juspay does not accept this service's address or merchant.</summary>
    Forbidden,
    /// <summary>404 or RESOURCE_NOT_FOUND, in Juspay's own envelope.</summary>
    NotFound,
    /// <summary>409 or DUPLICATE_REQUEST: Juspay is processing another request for the wallet.</summary>
    Busy,
    /// <summary>INVALID_ACTION or ALREADY_EXISTS: not allowed in the wallet's state, which may be the state that the request asks for.</summary>
    WrongState,
    /// <summary>Any other 4xx about the request.</summary>
    Rejected,
    /// <summary>429.</summary>
    Throttled,
    /// <summary>408 or 425: Juspay did not process the request and asks the client to repeat it.</summary>
    NotProcessed,
    /// <summary>500, 502, 503 or 504, or the category SERVER_ERROR: Juspay or a proxy failed, perhaps after the wallet was delinked.</summary>
    Failed,
    /// <summary>Any other 5xx: repeating at once does not help.</summary>
    FailedForGood,
    /// <summary>An answer that is not of this API: unreadable, about another wallet, a redirect, a 404 without Juspay's envelope.</summary>
    Unexpected,
    /// <summary>The request was not sent: DNS, connection or TLS failed.</summary>
    NotSent,
    /// <summary>The connection broke after the request may have been sent.</summary>
    Lost,
    /// <summary>No complete answer within the attempt's time.</summary>
    TimedOut,
}

/// <summary>What a verdict says about the request's effect at Juspay.</summary>
internal enum JuspayEffect
{
    /// <summary>Juspay carried the request out.</summary>
    Done,
    /// <summary>Juspay refused the request and changed nothing.</summary>
    Refused,
    /// <summary>Juspay refused the request because of the wallet's state, which may be the state that was requested.</summary>
    RefusedInThisState,
    /// <summary>Juspay refused the caller, not the request. It would also refuse to read the wallet.</summary>
    CallerRefused,
    /// <summary>Juspay did not carry the request out, and the same request may succeed later.</summary>
    NotDone,
    /// <summary>
    /// Juspay may have carried the request out without saying so. This includes answers that should exclude it (429, 408, 425), because a proxy
    /// may have sent them.
    /// </summary>
    Unknown,
}

/// <summary>What is known about a verdict. <see cref="Of"/> has one row for each.</summary>
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
        JuspayVerdict.NotProcessed => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.Failed => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.FailedForGood => new(JuspayEffect.Unknown, IsTransient: false),
        JuspayVerdict.Unexpected => new(JuspayEffect.Unknown, IsTransient: false),
        JuspayVerdict.NotSent => new(JuspayEffect.NotDone, IsTransient: true),
        JuspayVerdict.Lost => new(JuspayEffect.Unknown, IsTransient: true),
        JuspayVerdict.TimedOut => new(JuspayEffect.Unknown, IsTransient: true),
    };
}

/// <summary>The end of one request: the verdict, and what else the answer says.</summary>
internal sealed record JuspayAnswer(JuspayVerdict Verdict)
{
    /// <summary>The wallet, after a successful request for one.</summary>
    public WalletAccount? Wallet { get; init; }

    /// <summary>The page, after a successful request for one.</summary>
    public WalletPage? Page { get; init; }

    /// <summary>Juspay's error, if it answered with anything but what was requested.</summary>
    public JuspayReport? Report { get; init; }

    /// <summary>How long Juspay asks clients to wait, from either form of <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Juspay's id of the request, if it sent one.</summary>
    public string? RequestId { get; init; }

    /// <summary>For <see cref="JuspayVerdict.Unexpected"/>: what is wrong, as the end of a sentence.</summary>
    public string? Defect { get; init; }

    public JuspayEffect Effect => VerdictKnowledge.Of(Verdict).Effect;

    public bool IsTransient => VerdictKnowledge.Of(Verdict).IsTransient;
}

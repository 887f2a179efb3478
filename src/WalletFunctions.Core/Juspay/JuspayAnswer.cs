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

    /// <summary>408 or 425: Juspay did not take the request up and asks for it again.</summary>
    NotTakenUp,

    /// <summary>500, 502, 503 or 504: Juspay or something before it failed, perhaps after the wallet was delinked.</summary>
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

    /// <summary>Whether the same request may get a better answer soon.</summary>
    internal bool IsTransient => Verdict is JuspayVerdict.Throttled or JuspayVerdict.NotTakenUp or JuspayVerdict.Failed
        or JuspayVerdict.NotSent or JuspayVerdict.Lost or JuspayVerdict.TimedOut;

    /// <summary>Whether Juspay answered the question, kindly or not.</summary>
    internal bool IsConclusive => Verdict is JuspayVerdict.Success or JuspayVerdict.KeyRefused or JuspayVerdict.Forbidden
        or JuspayVerdict.NotFound or JuspayVerdict.WrongState or JuspayVerdict.Rejected;

    /// <summary>
    /// Whether Juspay may have carried the request out although it did not say so. Also where it should not have (429, 408, 425), since what
    /// stands before it may say so, too.
    /// </summary>
    internal bool MayHaveBeenCarriedOut => Verdict is JuspayVerdict.Throttled or JuspayVerdict.NotTakenUp or JuspayVerdict.Failed
        or JuspayVerdict.FailedForGood or JuspayVerdict.Unexpected or JuspayVerdict.Lost or JuspayVerdict.TimedOut;
}

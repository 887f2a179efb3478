using WalletFunctions.Delinking;

namespace WalletFunctions.Http;

/// <summary>One row of the error table: what a caller may rely on for this <see cref="Code"/>.</summary>
public sealed class ProblemType
{
    // Before the rows, because each adds itself.
    private static readonly List<ProblemType> Rows = [];

    /// <summary>A path value that cannot be a wallet id.</summary>
    public static readonly ProblemType InvalidWalletId = new(400, "invalid_wallet_id", "Not a wallet id");

    /// <summary>A path value that cannot be a customer id.</summary>
    public static readonly ProblemType InvalidCustomerId = new(400, "invalid_customer_id", "Not a customer id");

    /// <summary>No usable <c>x-routing-id</c>.</summary>
    public static readonly ProblemType InvalidRoutingId = new(400, "invalid_routing_id", "No usable x-routing-id");

    /// <summary>Anything but one <c>command=delink</c>.</summary>
    public static readonly ProblemType UnsupportedCommand = new(400, "unsupported_command", "Only the command delink is supported");

    /// <summary>A body that is not of its content type.</summary>
    public static readonly ProblemType MalformedBody = new(400, "malformed_body", "The body cannot be read");

    /// <summary>A chunked body, which the Functions host delivers empty.</summary>
    public static readonly ProblemType LengthRequired = new(411, "length_required", "The body needs a Content-Length");

    /// <summary>A body over the limit.</summary>
    public static readonly ProblemType BodyTooLarge = new(413, "body_too_large", "The body is too large");

    /// <summary>Neither form nor JSON.</summary>
    public static readonly ProblemType UnsupportedContentType = new(415, "unsupported_content_type", "The body must be a form or JSON");

    /// <summary>A path that no route matches.</summary>
    public static readonly ProblemType RouteNotFound = new(404, "route_not_found", "No route matches the path");

    /// <summary>A webhook that nobody with a signing secret has sent just now.</summary>
    public static readonly ProblemType InvalidSignature = new(401, "invalid_signature", "The webhook's signature is not valid");

    /// <summary>A function key that belongs to no merchant, where it must.</summary>
    public static readonly ProblemType UnknownMerchant = new(403, "unknown_merchant", "The function key belongs to no merchant");

    /// <summary>Juspay, in its own envelope, does not know the wallet.</summary>
    public static readonly ProblemType WalletNotFound = new(404, "wallet_not_found", "Juspay does not know the wallet");

    /// <summary>Juspay, in its own envelope, does not know the customer.</summary>
    public static readonly ProblemType CustomerNotFound = new(404, "customer_not_found", "Juspay does not know the customer");

    /// <summary>Juspay works on another request for the wallet.</summary>
    public static readonly ProblemType WalletBusy = new(409, "wallet_busy", "Another request for the wallet is in process", TimeSpan.FromSeconds(2));

    /// <summary>Juspay refuses the request.</summary>
    public static readonly ProblemType JuspayRejected = new(422, "juspay_rejected", "Juspay refuses the request");

    /// <summary>Juspay refuses our key.</summary>
    public static readonly ProblemType JuspayUnauthenticated = new(502, "juspay_unauthenticated", "Juspay refuses our API key");

    /// <summary>Juspay refuses our address or merchant.</summary>
    public static readonly ProblemType JuspayForbidden = new(502, "juspay_forbidden", "Juspay refuses our address or merchant");

    /// <summary>Juspay throttles.</summary>
    public static readonly ProblemType JuspayThrottled = new(503, "juspay_throttled", "Juspay takes no more requests for now", TimeSpan.FromSeconds(10));

    /// <summary>Juspay fails, after retries.</summary>
    public static readonly ProblemType JuspayUnavailable = new(502, "juspay_unavailable", "Juspay fails or cannot be reached", TimeSpan.FromSeconds(5));

    /// <summary>Juspay's answer is not to be relied on.</summary>
    public static readonly ProblemType JuspayUnexpectedResponse =
        new(502, "juspay_unexpected_response", "Juspay's answer cannot be relied on", TimeSpan.FromSeconds(5));

    /// <summary>No answer in time.</summary>
    public static readonly ProblemType JuspayTimeout = new(504, "juspay_timeout", "Juspay gave no answer in time", TimeSpan.FromSeconds(5));

    /// <summary>Some of the customer's wallets may still be linked.</summary>
    public static readonly ProblemType PartiallyDelinked = new(502, "partially_delinked", "Some wallets may still be linked", TimeSpan.FromSeconds(5));

    /// <summary>The caller hung up, or the instance shuts down.</summary>
    public static readonly ProblemType CallerCancelled = new(503, "caller_cancelled", "The call was cancelled", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault cannot be read and no key is in memory.</summary>
    public static readonly ProblemType ApiKeyUnavailable = new(503, "api_key_unavailable", "The API key cannot be read for now", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault holds no usable key.</summary>
    public static readonly ProblemType ApiKeyNotConfigured = new(503, "api_key_not_configured", "The API key is not configured");

    /// <summary>Key Vault cannot be read and no signing secret is in memory.</summary>
    public static readonly ProblemType WebhookSecretUnavailable =
        new(503, "webhook_secret_unavailable", "The webhook secret cannot be read for now", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault holds no usable signing secret.</summary>
    public static readonly ProblemType WebhookSecretNotConfigured = new(503, "webhook_secret_not_configured", "The webhook secret is not configured");

    /// <summary>A bug of ours.</summary>
    public static readonly ProblemType InternalError = new(500, "internal_error", "Something went wrong here", TimeSpan.FromSeconds(5));

    private ProblemType(int status, string code, string title, TimeSpan? retryAfter = null)
    {
        (Status, Code, Title, RetryAfter) = (status, code, title, retryAfter);
        Rows.Add(this);
    }

    /// <summary>The whole table, in the order of this file.</summary>
    public static IReadOnlyList<ProblemType> All => Rows;

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>Stable, snake_case; what a program compares.</summary>
    public string Code { get; }

    /// <summary>The code for people, the same words each time.</summary>
    public string Title { get; }

    /// <summary>When to repeat the request, unless something better is known; null where repeating usually cannot help.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool Retryable => RetryAfter is not null;

    /// <summary>The problem as RFC 9457's <c>type</c>: a name, not an address.</summary>
    public string Uri => "urn:problem-type:walletfunctions:" + Code;

    internal static ProblemType Of(DelinkFailure reason) => All.First(row => row.Code == reason.Code());
}

namespace WalletFunctions.Problems;

/// <summary>One row of the error table: what a caller may rely on for its <see cref="Code"/>.</summary>
internal sealed class ProblemType
{
    // Initialized before the rows, because each row adds itself.
    private static readonly List<ProblemType> Rows = [];

    public static readonly ProblemType InvalidWalletId = new(400, "invalid_wallet_id", "The wallet id is not valid");
    public static readonly ProblemType InvalidCustomerId = new(400, "invalid_customer_id", "The customer id is not valid");
    public static readonly ProblemType InvalidRoutingId = new(400, "invalid_routing_id", "The routing id is missing or not valid");
    public static readonly ProblemType UnsupportedCommand = new(400, "unsupported_command", "Only the command delink is supported");
    public static readonly ProblemType MalformedBody = new(400, "malformed_body", "The body cannot be read");

    /// <summary>A chunked body, which the Functions host delivers empty.</summary>
    public static readonly ProblemType LengthRequired = new(411, "length_required", "The body needs a Content-Length");
    public static readonly ProblemType BodyTooLarge = new(413, "body_too_large", "The body is too large");
    public static readonly ProblemType UnsupportedContentType = new(415, "unsupported_content_type", "The body must be a form or JSON");
    public static readonly ProblemType RouteNotFound = new(404, "route_not_found", "No route matches the path");

    /// <summary>A wrong signature, an old timestamp and an unknown merchant have the same answer, which therefore reveals nothing.</summary>
    public static readonly ProblemType InvalidSignature = new(401, "invalid_signature", "The webhook's signature is not valid");
    public static readonly ProblemType UnknownMerchant = new(403, "unknown_merchant", "The function key belongs to no merchant");
    public static readonly ProblemType WalletNotFound = new(404, "wallet_not_found", "Juspay does not know the wallet");
    public static readonly ProblemType CustomerNotFound = new(404, "customer_not_found", "Juspay does not know the customer");
    public static readonly ProblemType WalletBusy = new(409, "wallet_busy", "Another request for the wallet is in process", TimeSpan.FromSeconds(2));
    public static readonly ProblemType JuspayRejected = new(422, "juspay_rejected", "Juspay refuses the request");
    public static readonly ProblemType JuspayUnauthenticated = new(502, "juspay_unauthenticated", "Juspay refuses this service's API key");
    public static readonly ProblemType JuspayForbidden = new(502, "juspay_forbidden", "Juspay refuses this service's address or merchant");
    public static readonly ProblemType JuspayThrottled = new(503, "juspay_throttled", "Juspay takes no more requests for now", TimeSpan.FromSeconds(10));
    public static readonly ProblemType JuspayUnavailable = new(502, "juspay_unavailable", "Juspay fails or cannot be reached", TimeSpan.FromSeconds(5));
    public static readonly ProblemType JuspayUnexpectedResponse =
        new(502, "juspay_unexpected_response", "Juspay's answer cannot be relied on", TimeSpan.FromSeconds(5));
    public static readonly ProblemType JuspayTimeout = new(504, "juspay_timeout", "Juspay gave no answer in time", TimeSpan.FromSeconds(5));
    public static readonly ProblemType PartiallyDelinked = new(502, "partially_delinked", "Some wallets may still be linked", TimeSpan.FromSeconds(5));

    /// <summary>The caller disconnected, or the instance shuts down.</summary>
    public static readonly ProblemType CallerCancelled = new(503, "caller_cancelled", "The call was cancelled", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault cannot be read, and no API key is in memory.</summary>
    public static readonly ProblemType ApiKeyUnavailable = new(503, "api_key_unavailable", "The API key cannot be read for now", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault can be read, but holds no usable API key.</summary>
    public static readonly ProblemType ApiKeyNotConfigured = new(503, "api_key_not_configured", "The API key is not configured");

    /// <summary>Key Vault cannot be read, and no webhook secret is in memory.</summary>
    public static readonly ProblemType WebhookSecretUnavailable =
        new(503, "webhook_secret_unavailable", "The webhook secret cannot be read for now", TimeSpan.FromSeconds(5));

    /// <summary>Key Vault can be read, but holds no usable webhook secret.</summary>
    public static readonly ProblemType WebhookSecretNotConfigured = new(503, "webhook_secret_not_configured", "The webhook secret is not configured");

    /// <summary>The queue of accepted events refuses a message or cannot be reached.</summary>
    public static readonly ProblemType IntakeUnavailable = new(503, "intake_unavailable", "The event cannot be accepted for now", TimeSpan.FromSeconds(5));

    /// <summary>A bug in this service.</summary>
    public static readonly ProblemType InternalError = new(500, "internal_error", "Internal error", TimeSpan.FromSeconds(5));

    private ProblemType(int status, string code, string title, TimeSpan? retryAfter = null)
    {
        (Status, Code, Title, RetryAfter) = (status, code, title, retryAfter);
        Rows.Add(this);
    }

    /// <summary>The whole table, in the order of this file.</summary>
    public static IReadOnlyList<ProblemType> All => Rows;

    /// <summary>The HTTP status. A webhook that cannot be done now gets 503 instead.</summary>
    public int Status { get; }

    /// <summary>The stable name that programs compare, in snake_case.</summary>
    public string Code { get; }

    /// <summary>The <c>title</c> of RFC 9457: the same short text for each occurrence.</summary>
    public string Title { get; }

    /// <summary>How long to wait before repeating the request, unless the occurrence says otherwise; null if repeating usually does not help.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool Retryable => RetryAfter is not null;

    /// <summary>The <c>type</c> of RFC 9457: a name, not an address.</summary>
    public string Uri => "urn:problem-type:walletfunctions:" + Code;
}

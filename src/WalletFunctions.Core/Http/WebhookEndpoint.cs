using System.ComponentModel;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Merchants;
using WalletFunctions.Problems;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Http;

/// <summary>
/// <c>POST /webhooks/delink</c> and <c>POST /webhooks/{merchant}/delink</c>: signed events. The answer is 200 only when nothing is left to do. A problem
/// that time or an operator can solve is a 503, so that the sender keeps the event.
/// </summary>
public sealed partial class WebhookEndpoint
{
    private static readonly TimeSpan MinSecretAge = TimeSpan.FromSeconds(30);

    private static readonly Problem InvalidSignature = new(ProblemType.InvalidSignature,
        "The headers webhook-id, webhook-timestamp and webhook-signature are no valid Standard Webhooks signature of this body, "
        + "made within 5 minutes of now.");

    // The details do not name the secret, because the route is open to everyone. The log names it for the operator.
    private static readonly Problem SecretUnavailable = new(ProblemType.WebhookSecretUnavailable,
        "The signing secret cannot be read from Key Vault for now. Send the same event again, signed anew.");

    private static readonly Problem SecretNotConfigured = new(ProblemType.WebhookSecretNotConfigured,
        "Key Vault holds no usable signing secret. The operator has to store one; the log event secret_unavailable says what is wrong.")
    {
        RetryAfter = CachedSecret<WebhookSecrets>.PauseAfterFailure,
    };

    private readonly MerchantDirectory _merchants;
    private readonly WebhookOptions _options;
    private readonly RequestRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal WebhookEndpoint(MerchantDirectory merchants, WebhookOptions options, RequestRunner runner, TimeProvider time, ILogger<WebhookEndpoint> logger)
    {
        _merchants = merchants;
        _options = options;
        _runner = runner;
        _time = time;
        _logger = logger;
    }

    /// <summary>Handles one request without exceptions.</summary>
    /// <param name="merchantName">The path value; null on the route without one.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the sender disconnects or the host shuts down.</param>
    internal Task<HttpAnswer> HandleAsync(string? merchantName, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = _merchants.ForWebhook(merchantName);
        var headers = new WebhookHeaders(
            request.SingleHeader("webhook-id") ?? "", request.SingleHeader("webhook-timestamp") ?? "", request.SingleHeader("webhook-signature") ?? "");
        var entry = request.ToAuditEntry(merchant, "webhook:" + headers.Id);
        return _runner.RunAsync(entry, DelinkAsync, problem => Reply.Postpone(problem, entry.TraceId), cancellationToken);

        async Task<Reply> DelinkAsync()
        {
            var (body, unread) = await RequestBody.ReadAsync(request, cancellationToken);
            if (unread is not null)
            {
                return Reply.Refuse(unread, entry.TraceId);
            }

            if (await CheckSignatureAsync(merchant, isNamed: merchantName is not null, headers, body, cancellationToken) is { } problem)
            {
                return problem.Type == ProblemType.InvalidSignature ? Reply.Refuse(problem, entry.TraceId) : Reply.Postpone(problem, entry.TraceId);
            }

            return WebhookEvent.TryRead(body, _options, out var webhook, out var why)
                ? await DelinkWhatIsAskedAsync(webhook, merchant!, entry, cancellationToken)
                : Reply.Refuse(new Problem(ProblemType.MalformedBody, $"The event cannot be used: {why}."), entry.TraceId);
        }
    }

    private async Task<Reply> DelinkWhatIsAskedAsync(WebhookEvent webhook, Merchant merchant, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (webhook.CustomerId is not { } customerId)
        {
            return Answer("ignored", new WebhookDocument { Ignored = true });
        }

        entry.CustomerId = customerId;
        entry.WalletId = webhook.WalletId;
        entry.RoutingId = RoutingId.Of(customerId);
        if (webhook.WalletId is { } walletId)
        {
            var wallet = await merchant.Wallets.DelinkAsync(new WalletRequest(walletId, entry.RoutingId, entry.TraceId), entry.Trail, cancellationToken);
            return wallet.Match(
                done: _ => Answer(AuditEntry.Delinked, new WebhookDocument { Outcome = AuditEntry.Delinked }),
                failed: problem => Failed(problem, entry));
        }

        var customer = await merchant.Customers.DelinkAsync(new CustomerRequest(customerId, entry.RoutingId, entry.TraceId), entry, cancellationToken);
        return customer.Match(
            done: wallets => Answer(CustomerDocument.Of(customerId, wallets), entry),
            failed: problem => Failed(problem, entry));
    }

    private static Reply Answer(CustomerDocument document, AuditEntry entry) => document.Failed is 0
        ? Answer(AuditEntry.Delinked, new WebhookDocument
        {
            Outcome = AuditEntry.Delinked,
            Delinked = document.Delinked,
            AlreadyUnlinked = document.AlreadyUnlinked,
        })
        : Reply.Postpone(CustomerEndpoint.PartiallyDelinked(document), entry.TraceId, document);

    private static Reply Answer(string outcome, WebhookDocument document) =>
        new(HttpAnswer.Ok(document, HttpJson.Plain.WebhookDocument), outcome);

    private Reply Failed(Problem problem, AuditEntry entry)
    {
        if (problem.Type != ProblemType.WalletNotFound && problem.Type != ProblemType.CustomerNotFound)
        {
            return Reply.Postpone(problem, entry.TraceId);
        }

        // Repeating cannot change this, and some senders would repeat the event for days.
        LogNothingToDelink(entry.TraceId);
        return Answer("nothing_to_delink", new WebhookDocument { Outcome = "nothing_to_delink" });
    }

    /// <summary>
    /// Returns null if the signature is valid, else the problem. Merchant names can be guessed, so an unknown name must look like a known one: it is
    /// checked against another merchant's secrets, and a secret that is not stored has the same answer as a wrong signature. Without a name in the path,
    /// nothing can be guessed, and the sender gets a 503, so that the event is not lost.
    /// </summary>
    private async Task<Problem?> CheckSignatureAsync(
        Merchant? merchant, bool isNamed, WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if ((merchant?.WebhookSecrets ?? _merchants.AnyWebhookSecrets) is not { } secrets)
        {
            return InvalidSignature;
        }

        var reading = await secrets.GetAsync(cancellationToken);
        return await reading.Match(
            held: async held =>
            {
                var isValid = IsValid(held);
                if (!isValid)
                {
                    // The sender may already use a newer secret than the one in memory.
                    var newer = await secrets.ReplaceAsync(held, MinSecretAge, cancellationToken);
                    isValid = newer.Reading.Match(held: other => !other.Value.Equals(held.Value) && IsValid(other), unavailable: _ => false);
                }

                return isValid && merchant is not null ? null : InvalidSignature;
            },
            unavailable: why => Task.FromResult<Problem?>(
                !WebhookSignature.CouldBeValid(headers, _time.GetUtcNow()) || (why.IsMisconfigured && (isNamed || merchant is null)) ? InvalidSignature
                : why.IsMisconfigured ? SecretNotConfigured
                : SecretUnavailable));

        bool IsValid(SecretReading<WebhookSecrets>.Held held) => WebhookSignature.IsValid(headers, body.Span, held.Value, _time.GetUtcNow());
    }

    [Description("a signed event named a wallet or customer that Juspay does not know; it was answered 200")]
    [LoggerMessage(EventId = 302, EventName = "NothingToDelink", Level = LogLevel.Warning,
        Message = "nothing_to_delink trace_id={TraceId}: Juspay does not know what a signed event names; it was answered 200, since repeating cannot help")]
    private partial void LogNothingToDelink(string traceId);
}

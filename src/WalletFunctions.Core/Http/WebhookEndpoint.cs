using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;
using WalletFunctions.Secrets;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Http;

/// <summary>
/// <c>POST /webhooks/delink</c> and <c>POST /webhooks/{merchant}/delink</c>: signed events. 200 only once there is nothing left to do;
/// whatever may be mended, by time or by an operator, is 503, so that the sender keeps the event.
/// </summary>
public sealed partial class WebhookEndpoint(
    MerchantDirectory merchants, WebhookOptions options, RequestRunner runner, TimeProvider time, ILogger<WebhookEndpoint> logger)
{
    private static readonly TimeSpan MinSecretAge = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    private static readonly Problem InvalidSignature = new(ProblemType.InvalidSignature,
        "The headers webhook-id, webhook-timestamp and webhook-signature are no valid Standard Webhooks signature of this body, "
        + "made within 5 minutes of now.");

    // They do not name the secret, since anybody can send an event. The operator reads the name in the log.
    private static readonly Problem SecretUnavailable = new(ProblemType.WebhookSecretUnavailable,
        "The signing secret cannot be read from Key Vault for now. Send the same event again, signed anew.");

    private static readonly Problem SecretNotConfigured = new(ProblemType.WebhookSecretNotConfigured,
        "Key Vault holds no usable signing secret. The operator has to store one; the log event secret_unavailable says what is wrong.")
    {
        RetryAfter = CachedSecret<WebhookSecrets>.PauseAfterFailure,
    };

    /// <summary>Handles one request. Never throws.</summary>
    /// <param name="merchantName">The path value; null on the route without one.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the sender hangs up or the host shuts down.</param>
    public Task<HttpAnswer> HandleAsync(string? merchantName, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = merchants.ForWebhook(merchantName);
        var headers = new WebhookHeaders(
            request.SingleHeader("webhook-id") ?? "", request.SingleHeader("webhook-timestamp") ?? "", request.SingleHeader("webhook-signature") ?? "");
        var entry = request.ToAuditEntry(merchant, "webhook:" + headers.Id);
        return runner.RunAsync(
            entry,
            handle: () => HandleAsync(merchant, isNamed: merchantName is not null, headers, request, entry, cancellationToken),
            refuse: problem => Postpone(problem, entry),
            cancellationToken);
    }

    private async Task<Reply> HandleAsync(
        Merchant? merchant, bool isNamed, WebhookHeaders headers, IncomingRequest request, DelinkAuditEntry entry, CancellationToken cancellationToken)
    {
        var (body, unread) = await RequestBody.ReadAsync(request, cancellationToken);
        if (unread is not null)
        {
            return Refuse(unread, entry);
        }

        if (await CheckSignatureAsync(merchant, isNamed, headers, body, entry, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!WebhookEvent.TryRead(body, options, out var webhook, out var why))
        {
            return Refuse(new Problem(ProblemType.MalformedBody, $"The event cannot be used: {why}."), entry);
        }

        return await webhook.Match(
            wallet: wanted => DelinkAsync(merchant!, wanted, entry, cancellationToken),
            customer: wanted => DelinkAsync(merchant!, wanted, entry, cancellationToken),
            ignored: _ => Task.FromResult(Answer("ignored", new WebhookDocument { Ignored = true })));
    }

    private async Task<Reply> DelinkAsync(Merchant merchant, WebhookEvent.Wallet wanted, DelinkAuditEntry entry, CancellationToken cancellationToken)
    {
        entry.WalletId = wanted.WalletId;
        entry.CustomerId = wanted.CustomerId;
        entry.RoutingId = RoutingId.Of(wanted.CustomerId);
        var request = new WalletRequest(wanted.WalletId, entry.RoutingId, entry.TraceId);
        var outcome = await merchant.Wallets.DelinkAsync(request, entry.Trail, cancellationToken);
        return outcome.Match(
            delinked: _ => Answer("delinked", new WebhookDocument { Outcome = "delinked" }),
            failed: why => Failed(why, entry));
    }

    private async Task<Reply> DelinkAsync(Merchant merchant, WebhookEvent.Customer wanted, DelinkAuditEntry entry, CancellationToken cancellationToken)
    {
        entry.CustomerId = wanted.CustomerId;
        entry.RoutingId = RoutingId.Of(wanted.CustomerId);
        var request = new CustomerRequest(wanted.CustomerId, entry.RoutingId, entry.TraceId);
        var outcome = await merchant.Customers.DelinkAsync(request, entry, cancellationToken);
        return outcome.Match(
            settled: done => done.Failed is 0
                ? Answer("delinked", new WebhookDocument { Outcome = "delinked", Delinked = done.Delinked, AlreadyUnlinked = done.AlreadyUnlinked })
                : Postpone(CustomerEndpoint.Partially(wanted.CustomerId, done), entry),
            notListed: why => Failed(why.Failure, entry));
    }

    private Reply Failed(DelinkOutcome.Failed why, DelinkAuditEntry entry)
    {
        if (why.Reason is not (DelinkFailure.WalletNotFound or DelinkFailure.CustomerNotFound))
        {
            return Postpone(Problem.Of(why), entry);
        }

        // Sending it again could not change that, and some senders would for days.
        LogNothingToDelink(entry.TraceId);
        return Answer("nothing_to_delink", new WebhookDocument { Outcome = "nothing_to_delink" });
    }

    /// <summary>What the sender has to change, as the error table has it.</summary>
    private static Reply Refuse(Problem problem, DelinkAuditEntry entry) => new(problem.ToAnswer(entry.TraceId), problem.Type.Code);

    /// <summary>What time or an operator has to change: the sender shall keep the event, whatever the error table says of the problem.</summary>
    private static Reply Postpone(Problem problem, DelinkAuditEntry entry) =>
        new(problem.ToAnswer(entry.TraceId, status: 503, problem.RetryAfter ?? problem.Type.RetryAfter ?? TryAgainAfter), problem.Type.Code);

    private static Reply Answer(string outcome, WebhookDocument document) =>
        new(new HttpAnswer(200, HttpAnswer.Json, JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Plain.WebhookDocument)), outcome);

    /// <summary>
    /// Null if the signature is valid, else the reply. A merchant name can be guessed, so one that does not exist is checked like one that does, against
    /// another merchant's secrets, and a secret that is not stored is no different from a wrong signature. Where no name was sent, there is none to
    /// guess, and the sender gets a 503, so that the event is not lost.
    /// </summary>
    private async Task<Reply?> CheckSignatureAsync(
        Merchant? merchant, bool isNamed, WebhookHeaders headers, ReadOnlyMemory<byte> body, DelinkAuditEntry entry, CancellationToken cancellationToken)
    {
        if ((merchant?.WebhookSecrets ?? merchants.AnyWebhookSecrets) is not { } secrets)
        {
            return Refuse(InvalidSignature, entry);
        }

        var reading = await secrets.GetAsync(cancellationToken);
        return await reading.Match(
            held: async held =>
            {
                var isValid = IsValid(held);
                if (!isValid)
                {
                    // It may be the signature of a secret that is newer than ours.
                    var newer = await secrets.ReplaceAsync(held, MinSecretAge, cancellationToken);
                    isValid = newer.Reading.Match(held: other => !other.Value.Equals(held.Value) && IsValid(other), unavailable: _ => false);
                }

                return isValid && merchant is not null ? null : Refuse(InvalidSignature, entry);
            },
            unavailable: why => Task.FromResult<Reply?>(
                !WebhookSignature.CouldBeValid(headers, time.GetUtcNow()) || (why.IsMisconfigured && (isNamed || merchant is null))
                ? Refuse(InvalidSignature, entry)
                : Postpone(why.IsMisconfigured ? SecretNotConfigured : SecretUnavailable, entry)));

        bool IsValid(SecretReading<WebhookSecrets>.Held held) => WebhookSignature.IsValid(headers, body.Span, held.Value, time.GetUtcNow());
    }

    [Description("a signed event named a wallet or customer that Juspay does not know; it was answered 200")]
    [LoggerMessage(EventId = 302, EventName = "NothingToDelink", Level = LogLevel.Warning,
        Message = "nothing_to_delink trace_id={TraceId}: Juspay does not know what a signed event names; it was answered 200, since repeating cannot help")]
    private partial void LogNothingToDelink(string traceId);
}

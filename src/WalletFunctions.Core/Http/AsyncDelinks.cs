using WalletFunctions.Delinking;
using WalletFunctions.Intake;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary>Accepts the delinks of callers that prefer not to wait (RFC 7240), if there is a queue.</summary>
/// <param name="queue">The queue; null if delinks are always done at once, so that the preference is ignored.</param>
/// <param name="time">The clock.</param>
internal sealed class AsyncDelinks(IntakeQueue? queue, TimeProvider time)
{
    /// <summary>
    /// Puts the delink into the queue and answers 202. Returns null if the caller waits, or if the routing id is not the customer id, because a message
    /// has no routing id of its own.
    /// </summary>
    public async Task<Reply?> TryAcceptAsync(Merchant merchant, IncomingRequest request, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (queue is null || !request.PrefersAsync || CustomerId.Parse(entry.RoutingId?.Value) is not { } customerId
            || (entry.CustomerId is { } asked && asked.Value != customerId.Value))
        {
            return null;
        }

        var message = new IntakeMessage
        {
            Merchant = merchant.Name,
            CustomerId = customerId.Value,
            WalletId = entry.WalletId?.Value,
            ReceivedAt = time.GetUtcNow(),
            Sender = "key:" + entry.Caller,
            Traceparent = entry.TraceParent,
        };
        return await queue.TryPutAsync([message], merchant.Customers.Limit, cancellationToken) is { } problem
            ? Reply.Refuse(problem, entry.TraceId)
            : new Reply(
                HttpAnswer.Ok(new WebhookDocument { Outcome = AuditEntry.Accepted }, HttpJson.Plain.WebhookDocument) with
                {
                    Status = 202,
                    OwnHeaders = new Dictionary<string, string>(StringComparer.Ordinal) { ["Preference-Applied"] = "respond-async" },
                },
                AuditEntry.Accepted);
    }
}

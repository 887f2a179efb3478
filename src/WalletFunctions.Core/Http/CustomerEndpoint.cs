using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary><c>POST /customers/{customer_id}/delink</c>: every linked wallet of a customer.</summary>
public sealed class CustomerEndpoint
{
    private readonly MerchantDirectory _merchants;
    private readonly RequestRunner _runner;

    internal CustomerEndpoint(MerchantDirectory merchants, RequestRunner runner) => (_merchants, _runner) = (merchants, runner);

    /// <summary>Handles one request without exceptions.</summary>
    /// <param name="customerId">The path value as the host decoded it.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the caller disconnects or the host shuts down.</param>
    internal Task<HttpAnswer> HandleAsync(string? customerId, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = _merchants.ForCaller(request.CallerKeyName);
        var entry = request.ToAuditEntry(merchant);
        return _runner.RunAsync(entry, DelinkAsync, problem => Reply.Refuse(problem, entry.TraceId), cancellationToken);

        async Task<Reply> DelinkAsync()
        {
            entry.CustomerId = CustomerId.Parse(customerId);
            entry.RoutingId = request.Header("x-routing-id").Any()
                ? RoutingId.Parse(request.SingleHeader("x-routing-id"))
                : entry.CustomerId is { } id ? RoutingId.Of(id) : null;
            var invalid = merchant is null ? InvalidRequest.Merchant
                : entry.CustomerId is null ? InvalidRequest.Customer
                : entry.RoutingId is null ? InvalidRequest.Routing
                : await DelinkBody.CheckAsync(request, cancellationToken);
            if (invalid is not null)
            {
                return Reply.Refuse(invalid, entry.TraceId);
            }

            var customer = new CustomerRequest(entry.CustomerId!, entry.RoutingId!, entry.TraceId);
            var outcome = await merchant!.Customers.DelinkAsync(customer, entry, cancellationToken);
            return outcome.Match(
                done: wallets => Answer(CustomerDocument.Of(customer.CustomerId, wallets)),
                failed: problem => Reply.Refuse(problem, entry.TraceId));
        }

        Reply Answer(CustomerDocument document) => document.Failed is 0
            ? new Reply(HttpAnswer.Ok(document, HttpJson.Plain.CustomerDocument), AuditEntry.Delinked)
            : Reply.Refuse(PartiallyDelinked(document), entry.TraceId, document);
    }

    internal static Problem PartiallyDelinked(CustomerDocument document) => new(ProblemType.PartiallyDelinked,
        $"{document.Failed} of {document.Wallets.Count} wallets may still be linked; see 'wallets'. "
        + "Repeat the call, it finishes the job: delinking twice is harmless.");
}

using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary><c>POST /customers/{customer_id}/delink</c>: every linked wallet of a customer.</summary>
public sealed class CustomerEndpoint
{
    private readonly MerchantDirectory _merchants;
    private readonly RequestRunner _runner;
    private readonly AsyncDelinks _async;

    internal CustomerEndpoint(MerchantDirectory merchants, RequestRunner runner, AsyncDelinks async) => (_merchants, _runner, _async) = (merchants, runner, async);

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
            (entry.RoutingId, var misrouted) = RoutingHeader.Read(request, entry.CustomerId);
            var invalid = merchant is null ? InvalidRequest.Merchant
                : entry.CustomerId is null ? InvalidRequest.Customer
                : misrouted ?? await DelinkBody.CheckAsync(request, cancellationToken);
            if (invalid is not null)
            {
                return Reply.Refuse(invalid, entry.TraceId);
            }

            if (await _async.TryAcceptAsync(merchant!, request, entry, cancellationToken) is { } accepted)
            {
                return accepted;
            }

            var customer = new CustomerRequest(entry.CustomerId!, entry.RoutingId!, entry.TraceId);
            var outcome = await merchant!.Customers.DelinkAsync(customer, entry, cancellationToken);
            return outcome.Match(
                done: wallets => Answer(CustomerDocument.Of(customer.CustomerId, wallets), wallets),
                failed: problem => Reply.Refuse(problem, entry.TraceId));
        }

        Reply Answer(CustomerDocument document, CustomerWallets wallets) => document.Failed is 0
            ? new Reply(HttpAnswer.Ok(document, HttpJson.Plain.CustomerDocument), AuditEntry.Delinked)
            : Reply.Refuse(wallets.Partial, entry.TraceId, document);
    }
}

using System.Text.Json;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary><c>POST /customers/{customer_id}/delink</c>: every linked wallet of a customer.</summary>
public sealed class CustomerEndpoint(MerchantDirectory merchants, RequestRunner runner)
{
    /// <summary>Handles one request. Never throws.</summary>
    /// <param name="customerId">The path value as the host decoded it.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the caller hangs up or the host shuts down.</param>
    public Task<HttpAnswer> HandleAsync(string? customerId, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = merchants.ForCaller(request.CallerKeyName);
        var entry = request.ToAuditEntry(merchant);
        return runner.RunAsync(entry, HandleAsync, Refuse, cancellationToken);

        async Task<Reply> HandleAsync()
        {
            entry.CustomerId = CustomerId.Parse(customerId);
            entry.RoutingId = request.Header("x-routing-id").Any()
                ? RoutingId.Parse(request.SingleHeader("x-routing-id"))
                : entry.CustomerId is { } id ? RoutingId.Of(id) : null;
            if (merchant is null)
            {
                return Refuse(Refusals.UnknownMerchant);
            }

            if (entry.CustomerId is not { } customer)
            {
                return Refuse(Refusals.CustomerId);
            }

            if (entry.RoutingId is not { } routing)
            {
                return Refuse(Refusals.RoutingId);
            }

            if (await DelinkBody.CheckAsync(request, cancellationToken) is { } problem)
            {
                return Refuse(problem);
            }

            var outcome = await merchant.Customers.DelinkAsync(new CustomerRequest(customer, routing, request.TraceId), entry, cancellationToken);
            return outcome.Match(
                settled: done => done.Failed is 0 ? Answer(CustomerDocument.Of(customer, done)) : Refuse(Partially(customer, done)),
                notListed: why => Refuse(Problem.Of(why.Failure)));
        }

        Reply Refuse(Problem problem) => new(problem.ToAnswer(request.TraceId), problem.Type.Code);
    }

    /// <summary>Some wallets were not delinked: what a caller and a webhook's sender are told alike.</summary>
    internal static Problem Partially(CustomerId customerId, CustomerOutcome.Settled settled) => new(ProblemType.PartiallyDelinked,
        $"{settled.Failed} of {settled.Wallets.Count} wallets may still be linked; see 'wallets'. "
        + "Repeat the call, it finishes the job: delinking twice is harmless.")
    {
        Customer = CustomerDocument.Of(customerId, settled),
    };

    private static Reply Answer(CustomerDocument document) =>
        new(new HttpAnswer(200, HttpAnswer.Json, JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Plain.CustomerDocument)), "delinked");
}

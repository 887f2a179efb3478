using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>POST /customers/{customer_id}/delink</c>.</summary>
public sealed class DelinkCustomer(CustomerEndpoint endpoint)
{
    /// <summary>Delinks every wallet of a customer.</summary>
    [Function(nameof(DelinkCustomer))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "customers/{customerId}/delink")] HttpRequestData request,
        string customerId) =>
        await request.AnswerAsync(await endpoint.HandleAsync(customerId, request.ToIncomingRequest(), request.Cancelled()));
}

using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>POST /webhooks/delink</c> and <c>POST /webhooks/{merchant}/delink</c>. They need a signature instead of a function key.</summary>
public sealed class DelinkByWebhook(WebhookEndpoint endpoint)
{
    /// <summary>Handles an event for the merchant of the top-level settings.</summary>
    [Function(nameof(DelinkByWebhook))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/delink")] HttpRequestData request,
        CancellationToken cancellationToken) =>
        await request.AnswerAsync(await endpoint.HandleAsync(merchantName: null, request.ToIncomingRequest(), cancellationToken));

    /// <summary>Handles an event for a named merchant.</summary>
    [Function("DelinkByMerchantWebhook")]
    public async Task<HttpResponseData> RunForMerchantAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/{merchant}/delink")] HttpRequestData request,
        string merchant,
        CancellationToken cancellationToken) =>
        await request.AnswerAsync(await endpoint.HandleAsync(merchant, request.ToIncomingRequest(), cancellationToken));
}

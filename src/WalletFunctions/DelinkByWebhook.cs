using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary>
/// <c>POST /webhooks/delink</c> and <c>POST /webhooks/{merchant}/delink</c>. They need no function key, because the signature authenticates the sender.
/// </summary>
public sealed class DelinkByWebhook(WebhookEndpoint endpoint)
{
    /// <summary>Delinks the wallet, or all wallets of the customer, named in an event of the top-level merchant.</summary>
    [Function(nameof(DelinkByWebhook))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/delink")] HttpRequestData request,
        CancellationToken cancellationToken) =>
        await request.AnswerAsync(await endpoint.HandleAsync(merchantName: null, request.ToIncomingRequest(), cancellationToken));

    /// <summary>Delinks the wallet, or all wallets of the customer, named in an event of the merchant in the path.</summary>
    [Function("DelinkByMerchantWebhook")]
    public async Task<HttpResponseData> RunForMerchantAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/{merchant}/delink")] HttpRequestData request,
        string merchant,
        CancellationToken cancellationToken) =>
        await request.AnswerAsync(await endpoint.HandleAsync(merchant, request.ToIncomingRequest(), cancellationToken));
}

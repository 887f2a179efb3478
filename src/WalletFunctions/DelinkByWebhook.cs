using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>/webhooks/delink</c> and <c>/webhooks/{name}/delink</c>. They need a signature instead of a function key.</summary>
public sealed class DelinkByWebhook(WebhookEndpoint endpoint)
{
    /// <summary>Handles an event for the merchant of the top-level settings.</summary>
    [Function(nameof(DelinkByWebhook))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/delink")] HttpRequestData request) =>
        await request.AnswerAsync(await endpoint.HandleAsync(name: null, request.ToIncomingRequest(), request.Cancelled()));

    /// <summary>Handles events for a merchant or of a sender, and the GET or OPTIONS request by which some senders check the route before.</summary>
    [Function("DelinkByNamedWebhook")]
    public async Task<HttpResponseData> RunForNameAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "get", "options", Route = "webhooks/{name}/delink")] HttpRequestData request,
        string name) =>
        await request.AnswerAsync(request.Method is "POST"
            ? await endpoint.HandleAsync(name, request.ToIncomingRequest(), request.Cancelled())
            : endpoint.Handshake(name, request.ToIncomingRequest()));
}

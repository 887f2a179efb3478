using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>GET /health/ready</c>.</summary>
public sealed class Ready(HealthEndpoint endpoint)
{
    /// <summary>Returns 200 if the API key is available.</summary>
    [Function(nameof(Ready))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "health/ready")] HttpRequestData request) =>
        await request.AnswerAsync(await endpoint.ReadyAsync(request.ToIncomingRequest(), request.Cancelled()));
}

using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>GET /health</c>.</summary>
public sealed class Health
{
    /// <summary>Returns 200 without calling any dependency.</summary>
    [Function(nameof(Health))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequestData request) =>
        request.AnswerAsync(HealthEndpoint.Alive());
}

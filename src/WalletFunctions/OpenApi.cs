using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>GET /openapi.json</c>. It holds nothing secret, so it needs no key.</summary>
public sealed class OpenApi
{
    /// <summary>Answers the description of every route.</summary>
    [Function(nameof(OpenApi))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequestData request) =>
        request.AnswerAsync(OpenApiEndpoint.Document());
}

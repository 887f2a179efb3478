using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>GET /openapi.json</c>. Needs no function key, because the document contains no secret.</summary>
public sealed class OpenApi
{
    /// <summary>Returns the OpenAPI document.</summary>
    [Function(nameof(OpenApi))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequestData request) =>
        request.AnswerAsync(OpenApiEndpoint.Document());
}

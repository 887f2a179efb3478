using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>/</c>. Without this route the Functions host returns 200 and its home page.</summary>
public sealed class Root
{
    /// <summary>Returns 404 for every method.</summary>
    // The host replaces an empty route by the function's name. An optional segment of at most zero characters matches / only.
    [Function(nameof(Root))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "{ignored:maxlength(0)?}")] HttpRequestData request) =>
        request.AnswerAsync(RootEndpoint.NotFound(request.ToIncomingRequest()));
}

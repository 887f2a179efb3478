using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>/</c>, for which the Functions host would otherwise return 200 and its home page.</summary>
public sealed class Root
{
    /// <summary>Answers 404 to every method.</summary>
    // The host would replace an empty route by the function's name. This optional segment of no characters matches only /.
    [Function(nameof(Root))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "{ignored:maxlength(0)?}")] HttpRequestData request) =>
        request.AnswerAsync(RootEndpoint.NotFound(request.ToIncomingRequest()));
}

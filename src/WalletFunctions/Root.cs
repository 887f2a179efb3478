using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>/</c>, which the Functions host would otherwise answer with 200 and its home page.</summary>
public sealed class Root
{
    /// <summary>Answers 404 to every method.</summary>
    // A route of "" would be replaced by the function's name. A segment that is optional and has no characters matches / alone.
    [Function(nameof(Root))]
    public static Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "{ignored:maxlength(0)?}")] HttpRequestData request) =>
        request.AnswerAsync(RootEndpoint.NotFound(request.ToIncomingRequest()));
}

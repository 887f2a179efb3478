using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>
/// <c>/</c>, which is not a route of the contract. HTTP clients resolve <c>POST /wallets/..</c> to it. Without this endpoint, the Functions host would
/// answer with 200 and its home page, and a caller who checks only the status would take that for a delink.
/// </summary>
internal static class RootEndpoint
{
    /// <summary>Answers 404. It writes no audit record, because the request needs no key.</summary>
    public static HttpAnswer NotFound(IncomingRequest request) => HttpAnswer.Of(
        new Problem(ProblemType.RouteNotFound,
            "/ is not a route. /openapi.json lists the routes. HTTP clients shorten a path to / if its id consists of dots only."),
        request.TraceId);
}

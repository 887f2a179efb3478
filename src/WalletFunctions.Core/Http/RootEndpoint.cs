namespace WalletFunctions.Http;

/// <summary>
/// <c>/</c>, which is no route of the contract. HTTP clients resolve <c>POST /wallets/..</c> to it, and the Functions host would answer that with 200 and
/// its home page, which a caller who looks at the status alone would take for a delink.
/// </summary>
public static class RootEndpoint
{
    /// <summary>Answers 404. It writes no audit record, because anybody can send this request.</summary>
    public static HttpAnswer NotFound(IncomingRequest request) => new Problem(ProblemType.RouteNotFound,
        "There is nothing at /. The routes are listed in /openapi.json. A wallet id or customer id of dots alone in a URL leads here.").ToAnswer(request.TraceId);
}

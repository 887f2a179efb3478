using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace WalletFunctions.Benchmarks.Workers;

/// <summary>Answers 200 and does nothing, to measure the Functions worker itself.</summary>
public static class Empty
{
    /// <summary>Returns 200.</summary>
    [Function(nameof(Empty))]
    public static HttpResponseData Run(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "wallets/{walletId}")] HttpRequestData request) => request.CreateResponse(HttpStatusCode.OK);
}

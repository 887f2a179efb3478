using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace WalletFunctions.Benchmarks.Workers;

/// <summary>Returns 200 and does nothing else, to measure the cost of a Functions worker itself.</summary>
public static class Empty
{
    /// <summary>Returns 200.</summary>
    [Function(nameof(Empty))]
    public static HttpResponseData Run(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "wallets/{walletId}")] HttpRequestData request) => request.CreateResponse(HttpStatusCode.OK);
}

using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary><c>POST /wallets/{wallet_id}</c>.</summary>
public sealed class DelinkWallet(WalletEndpoint endpoint)
{
    /// <summary>Delinks one wallet.</summary>
    [Function(nameof(DelinkWallet))]
    public async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "wallets/{walletId}")] HttpRequestData request,
        string walletId) =>
        await request.AnswerAsync(await endpoint.HandleAsync(walletId, request.ToIncomingRequest(), request.Cancelled()));
}

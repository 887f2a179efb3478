using WalletFunctions.Juspay;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary><c>POST /wallets/{wallet_id}</c>: Juspay's own path, for one command.</summary>
public sealed class WalletEndpoint(MerchantDirectory merchants, RequestRunner runner)
{
    /// <summary>Handles one request. Never throws.</summary>
    /// <param name="walletId">The path value as the host decoded it.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the caller hangs up or the host shuts down.</param>
    public Task<HttpAnswer> HandleAsync(string? walletId, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = merchants.ForCaller(request.CallerKeyName);
        var entry = request.ToAuditEntry(merchant);
        return runner.RunAsync(entry, HandleAsync, Refuse, cancellationToken);

        async Task<Reply> HandleAsync()
        {
            entry.WalletId = WalletId.Parse(walletId);
            entry.RoutingId = RoutingId.Parse(request.SingleHeader("x-routing-id"));
            if (merchant is null)
            {
                return Refuse(Refusals.UnknownMerchant);
            }

            if (entry.WalletId is not { } wallet)
            {
                return Refuse(Refusals.WalletId);
            }

            if (entry.RoutingId is not { } routing)
            {
                return Refuse(Refusals.RoutingId);
            }

            if (await DelinkBody.CheckAsync(request, cancellationToken) is { } problem)
            {
                return Refuse(problem);
            }

            var outcome = await merchant.Wallets.DelinkAsync(new WalletRequest(wallet, routing, request.TraceId), entry.Trail, cancellationToken);
            return outcome.Match(
                delinked: done => new Reply(new HttpAnswer(200, HttpAnswer.Json, done.Wallet.Json), "delinked"),
                failed: why => Refuse(Problem.Of(why)));
        }

        Reply Refuse(Problem problem) => new(problem.ToAnswer(request.TraceId), problem.Type.Code);
    }
}

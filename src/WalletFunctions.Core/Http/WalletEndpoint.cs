using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary><c>POST /wallets/{wallet_id}</c>: Juspay's own path, limited to one command.</summary>
public sealed class WalletEndpoint
{
    private readonly MerchantDirectory _merchants;
    private readonly RequestRunner _runner;
    private readonly AsyncDelinks _async;

    internal WalletEndpoint(MerchantDirectory merchants, RequestRunner runner, AsyncDelinks async) => (_merchants, _runner, _async) = (merchants, runner, async);

    /// <summary>Handles one request without exceptions.</summary>
    /// <param name="walletId">The path value as the host decoded it.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the caller disconnects or the host shuts down.</param>
    internal Task<HttpAnswer> HandleAsync(string? walletId, IncomingRequest request, CancellationToken cancellationToken)
    {
        var merchant = _merchants.ForCaller(request.CallerKeyName);
        var entry = request.ToAuditEntry(merchant);
        return _runner.RunAsync(entry, DelinkAsync, problem => Reply.Refuse(problem, entry.TraceId), cancellationToken);

        async Task<Reply> DelinkAsync()
        {
            entry.WalletId = WalletId.Parse(walletId);
            (entry.RoutingId, var misrouted) = RoutingHeader.Read(request);
            var invalid = merchant is null ? InvalidRequest.Merchant
                : entry.WalletId is null ? InvalidRequest.Wallet
                : misrouted ?? await DelinkBody.CheckAsync(request, cancellationToken);
            if (invalid is not null)
            {
                return Reply.Refuse(invalid, entry.TraceId);
            }

            if (await _async.TryAcceptAsync(merchant!, request, entry, cancellationToken) is { } accepted)
            {
                return accepted;
            }

            var wallet = new WalletRequest(entry.WalletId!, entry.RoutingId!, entry.TraceId);
            var outcome = await merchant!.Wallets.DelinkAsync(wallet, entry.Trail, cancellationToken);
            return outcome.Match(
                done: account => new Reply(new HttpAnswer(200, HttpAnswer.Json, account.Json), AuditEntry.Delinked),
                failed: problem => Reply.Refuse(problem, entry.TraceId));
        }
    }
}

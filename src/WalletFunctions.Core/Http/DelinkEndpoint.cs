using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary><c>POST /wallets/{wallet_id}</c>: Juspay's own path, for one command. Each request gets one answer and one audit record.</summary>
public sealed partial class DelinkEndpoint(WalletDelinker delinker, DelinkAudit audit, TimeProvider time, ILogger<DelinkEndpoint> logger)
{
    /// <summary>Handles one request. Never throws.</summary>
    /// <param name="walletId">The path value as the host decoded it.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the caller hangs up or the host shuts down.</param>
    public async Task<HttpAnswer> HandleAsync(string? walletId, IncomingRequest request, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var trail = new DelinkTrail();
        var wallet = WalletId.Parse(walletId);
        var routing = RoutingId.Parse(request.SingleHeader("x-routing-id"));

        var (answer, outcome) = await AnswerAsync(wallet, routing, request, trail, cancellationToken);

        audit.Record(request.CallerKeyName, wallet, routing, outcome, answer.Status, trail, time.GetElapsedTime(startedAt), request.TraceId);
        return answer;
    }

    private async Task<(HttpAnswer Answer, string Outcome)> AnswerAsync(
        WalletId? wallet, RoutingId? routing, IncomingRequest request, DelinkTrail trail, CancellationToken cancellationToken)
    {
        try
        {
            if ((CheckIds(wallet, routing) ?? await DelinkBody.CheckAsync(request, cancellationToken)) is { } refusal)
            {
                return Refuse(refusal);
            }

            var outcome = await delinker.DelinkAsync(new WalletRequest(wallet!, routing!, request.TraceId), trail, cancellationToken);
            return outcome.Match(
                delinked: done => (new HttpAnswer(200, HttpAnswer.Json, done.Wallet.Json), "delinked"),
                failed: why => Refuse(Problem.Of(why)));
        }
        // Both hosts would make an empty 500 of an exception, so this is the last place where the caller can be told anything.
        catch (Exception exception)
        {
            LogBug(exception.GetType().FullName!, exception.StackTrace, request.TraceId);
            return Refuse(new Problem(ProblemType.InternalError, "The service has a bug; its log tells more under this trace id. Repeating the call is harmless."));
        }

        (HttpAnswer Answer, string Outcome) Refuse(Problem problem) => (problem.ToAnswer(request.TraceId), problem.Type.Code);
    }

    private static Problem? CheckIds(WalletId? wallet, RoutingId? routing)
    {
        if (wallet is null)
        {
            return new Problem(ProblemType.InvalidWalletId,
                $"The wallet id in the path must be 1 to {WalletId.MaxLength} letters, digits, underscores and hyphens. Example: /wallets/wlm_vNb87tTUvbb86bD");
        }

        return routing is null
            ? new Problem(ProblemType.InvalidRoutingId,
                $"Send the header x-routing-id once: 1 to {RoutingId.MaxLength} printable ASCII characters without a comma. Use the customer id, the same for every call about that customer.")
            : null;
    }

    // Without the exception's message, which may repeat what the caller or Juspay sent.
    [LoggerMessage(EventId = 301, EventName = "InternalError", Level = LogLevel.Error, Message = "internal_error trace_id={TraceId} {Exception} {StackTrace}")]
    private partial void LogBug(string exception, string? stackTrace, string traceId);
}

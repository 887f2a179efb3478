using Microsoft.Extensions.Logging;
using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>
/// The audit record: who asked to delink what, when, and what came of it. One per request, refused ones included. Everything stands in the message itself, because the
/// Functions host receives nothing else from its worker.
/// </summary>
public sealed partial class DelinkAudit(ILogger<DelinkAudit> logger)
{
    /// <summary>Writes the record.</summary>
    /// <param name="caller">The name of the function key that was used.</param>
    /// <param name="walletId">The wallet; null if the request named none that can be.</param>
    /// <param name="routingId">The routing id; null if the request had none that can be.</param>
    /// <param name="outcome"><c>delinked</c>, or the code of the problem that was answered.</param>
    /// <param name="status">The HTTP status that was answered.</param>
    /// <param name="trail">What it took.</param>
    /// <param name="duration">From the request's arrival to the answer.</param>
    /// <param name="traceId">The id that answer and Juspay saw.</param>
    public void Record(
        string? caller, WalletId? walletId, RoutingId? routingId, string outcome, int status, DelinkTrail trail, TimeSpan duration, string traceId) =>
        Log(
            Word(caller),
            Word(walletId?.ToString()),
            Word(routingId?.ToString()),
            outcome,
            status,
            trail.Attempts,
            trail.Confirmed,
            Word(trail.JuspayRequestId),
            Word(trail.KeyVersion),
            (long)duration.TotalMilliseconds,
            traceId);

    private static string Word(string? text) => text is null ? "-" : Mask.Word(text, 64);

    [LoggerMessage(EventId = 201, EventName = "DelinkAudit", Level = LogLevel.Information, Message =
        "delink_audit caller={Caller} wallet={Wallet} routing_id={RoutingId} outcome={Outcome} status={Status} attempts={Attempts} confirmed={Confirmed}"
        + " juspay_request_id={JuspayRequestId} key_version={KeyVersion} duration_ms={DurationMs} trace_id={TraceId}")]
    private partial void Log(
        string caller, string wallet, string routingId, string outcome, int status, int attempts, bool confirmed, string juspayRequestId, string keyVersion,
        long durationMs, string traceId);
}

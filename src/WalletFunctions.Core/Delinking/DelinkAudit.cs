using Microsoft.Extensions.Logging;
using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>What is known of a request while it is handled; what it becomes in the end is its audit record.</summary>
public sealed class DelinkAuditEntry
{
    /// <summary>The id that the answer, the log and Juspay see.</summary>
    public required string TraceId { get; init; }

    /// <summary>The name of the function key that was used, or <c>webhook:</c> and the event's id.</summary>
    public required string Caller { get; init; }

    /// <summary>The merchant's name; null for the top level, and for a merchant that there is not.</summary>
    public string? Merchant { get; set; }

    /// <summary>The customer; null if the request named none that can be.</summary>
    public CustomerId? CustomerId { get; set; }

    /// <summary>The wallet; null if the request named none that can be.</summary>
    public WalletId? WalletId { get; set; }

    /// <summary>The routing id; null if the request had none that can be.</summary>
    public RoutingId? RoutingId { get; set; }

    /// <summary>What it took.</summary>
    public DelinkTrail Trail { get; } = new();
}

/// <summary>
/// The audit records: who asked to delink what, when, and what came of it. One per request, refused ones included, and one for each wallet
/// that a customer's delink sent to Juspay. Everything stands in the message itself, because the Functions host receives nothing else from
/// its worker.
/// </summary>
public sealed partial class DelinkAudit(ILogger<DelinkAudit> logger)
{
    /// <summary>Writes a request's record.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="outcome"><c>delinked</c>, another word of the contract, or the code of the problem that was answered.</param>
    /// <param name="status">The HTTP status that was answered.</param>
    /// <param name="duration">From the request's arrival to the answer.</param>
    public void Record(DelinkAuditEntry entry, string outcome, int status, TimeSpan duration) => LogRequest(
        Word(entry.Caller),
        Word(entry.Merchant),
        Word(entry.CustomerId?.ToString()),
        Word(entry.WalletId?.ToString()),
        Word(entry.RoutingId?.ToString()),
        outcome,
        status,
        entry.Trail.Attempts,
        entry.Trail.Confirmed,
        Word(entry.Trail.JuspayRequestId),
        Word(entry.Trail.KeyVersion),
        (long)duration.TotalMilliseconds,
        entry.TraceId);

    /// <summary>Writes the record of one wallet among a customer's.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="walletId">The wallet.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="trail">What it took.</param>
    public void RecordWallet(DelinkAuditEntry entry, WalletId walletId, DelinkOutcome outcome, DelinkTrail trail) => LogWallet(
        Word(entry.Caller),
        Word(entry.Merchant),
        Word(entry.CustomerId?.ToString()),
        Word(walletId.ToString()),
        outcome.Match(delinked: _ => "delinked", failed: why => why.Reason.ToString()),
        trail.Attempts,
        trail.Confirmed,
        Word(trail.JuspayRequestId),
        Word(trail.KeyVersion),
        entry.TraceId);

    private static string Word(string? text) => text is null ? "-" : Mask.Word(text, 64);

    [LoggerMessage(EventId = 201, EventName = "DelinkAudit", Level = LogLevel.Information, Message =
        "delink_audit caller={Caller} merchant={Merchant} customer={Customer} wallet={Wallet} routing_id={RoutingId} outcome={Outcome} status={Status}"
        + " attempts={Attempts} confirmed={Confirmed} juspay_request_id={JuspayRequestId} key_version={KeyVersion} duration_ms={DurationMs} trace_id={TraceId}")]
    private partial void LogRequest(
        string caller, string merchant, string customer, string wallet, string routingId, string outcome, int status, int attempts, bool confirmed,
        string juspayRequestId, string keyVersion, long durationMs, string traceId);

    [LoggerMessage(EventId = 202, EventName = "WalletAudit", Level = LogLevel.Information, Message =
        "wallet_audit caller={Caller} merchant={Merchant} customer={Customer} wallet={Wallet} outcome={Outcome} attempts={Attempts} confirmed={Confirmed}"
        + " juspay_request_id={JuspayRequestId} key_version={KeyVersion} trace_id={TraceId}")]
    private partial void LogWallet(
        string caller, string merchant, string customer, string wallet, string outcome, int attempts, bool confirmed, string juspayRequestId,
        string keyVersion, string traceId);
}

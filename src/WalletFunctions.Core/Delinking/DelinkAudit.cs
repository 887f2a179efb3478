using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>What is known of a request while it is handled; what it becomes in the end is its audit record.</summary>
public sealed class DelinkAuditEntry
{
    /// <summary>The id that the answer, the log and Juspay see.</summary>
    public required string TraceId { get; init; }

    /// <summary>The trace that the request belongs to, and the caller's span in it.</summary>
    public ActivityContext Trace { get; init; }

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
/// The audit records, and the metrics that are made of the same: who asked to delink what, when, and what came of it. One per request, refused
/// ones included, and one for each wallet that a customer's delink found linked. Everything stands in the message itself, because the
/// Functions host receives nothing else from its worker. Fields are only ever added; whatever else changes makes a new <c>v</c>.
/// </summary>
public sealed partial class DelinkAudit(AuditHash hash, TimeProvider time, ILogger<DelinkAudit> logger)
{
    // Auditors rely on the names, and on the words in outcome.
    private const string Subject =
        "v=1 at={At:yyyy-MM-ddTHH:mm:ss.fffZ} caller={Caller} merchant={Merchant} customer={Customer} wallet={Wallet}"
        + " customer_hash={CustomerHash} wallet_hash={WalletHash} hash_key={HashKey}";

    private const string Course =
        " attempts={Attempts} confirmed={Confirmed} juspay_request_id={JuspayRequestId} key_version={KeyVersion} duration_ms={DurationMs} trace_id={TraceId}";

    /// <summary>Writes a request's record.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="outcome"><c>delinked</c>, another word of the contract, or the code of the problem that was answered.</param>
    /// <param name="status">The HTTP status that was answered.</param>
    /// <param name="duration">From the request's arrival to the answer.</param>
    public void Record(DelinkAuditEntry entry, string outcome, int status, TimeSpan duration)
    {
        if (Telemetry.Delinks.Enabled || Telemetry.DelinkDuration.Enabled)
        {
            var (outcomeTag, merchantTag) = (Telemetry.Tag(Telemetry.Outcome, outcome), MerchantTag(entry));
            Telemetry.Delinks.Add(1, outcomeTag, merchantTag);
            Telemetry.DelinkDuration.Record(duration.TotalSeconds, outcomeTag, merchantTag);
        }

        Count(entry, entry.Trail);
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var (customerHash, walletHash, hashKey) = hash.Of(entry.CustomerId?.Value, entry.WalletId?.Value);
        LogRequest(
            (time.GetUtcNow() - duration).UtcDateTime,
            Word(entry.Caller),
            Word(entry.Merchant),
            Word(entry.CustomerId?.ToString()),
            Word(entry.WalletId?.ToString()),
            customerHash,
            walletHash,
            Word(hashKey),
            Word(entry.RoutingId?.ToString()),
            outcome,
            status,
            entry.Trail.Attempts,
            entry.Trail.Confirmed,
            Word(entry.Trail.JuspayRequestId),
            Word(entry.Trail.KeyVersion),
            (long)duration.TotalMilliseconds,
            entry.TraceId);
    }

    /// <summary>Writes the record of one wallet among a customer's.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="walletId">The wallet.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="trail">What it took.</param>
    /// <param name="duration">From the wallet's turn to its end.</param>
    public void RecordWallet(DelinkAuditEntry entry, WalletId walletId, DelinkOutcome outcome, DelinkTrail trail, TimeSpan duration)
    {
        Count(entry, trail);
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var (customerHash, walletHash, hashKey) = hash.Of(entry.CustomerId?.Value, walletId.Value);
        LogWallet(
            (time.GetUtcNow() - duration).UtcDateTime,
            Word(entry.Caller),
            Word(entry.Merchant),
            Word(entry.CustomerId?.ToString()),
            Word(walletId.ToString()),
            customerHash,
            walletHash,
            Word(hashKey),
            outcome.Match(delinked: _ => "delinked", failed: why => why.Reason.Code()),
            trail.Attempts,
            trail.Confirmed,
            Word(trail.JuspayRequestId),
            Word(trail.KeyVersion),
            (long)duration.TotalMilliseconds,
            entry.TraceId);
    }

    /// <summary>What a trail adds to the metrics.</summary>
    private static void Count(DelinkAuditEntry entry, DelinkTrail trail)
    {
        if (trail.Retries > 0 && Telemetry.Retries.Enabled)
        {
            Telemetry.Retries.Add(trail.Retries, MerchantTag(entry));
        }

        if (trail.Confirmed && Telemetry.Confirmations.Enabled)
        {
            Telemetry.Confirmations.Add(1, MerchantTag(entry));
        }
    }

    private static KeyValuePair<string, object?> MerchantTag(DelinkAuditEntry entry) => Telemetry.Tag(Telemetry.Merchant, entry.Merchant ?? "-");

    private static string Word(string? text) => text is null ? "-" : Mask.Word(text, 64);

    [Description("once per delink request or webhook, whatever became of it; see *The audit record*")]
    [LoggerMessage(EventId = 201, EventName = "DelinkAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message =
        "delink_audit " + Subject + " routing_id={RoutingId} outcome={Outcome} status={Status}" + Course)]
    private partial void LogRequest(
        DateTime at, string caller, string merchant, string customer, string wallet, string customerHash, string walletHash, string hashKey,
        string routingId, string outcome, int status, int attempts, bool confirmed, string juspayRequestId, string keyVersion, long durationMs,
        string traceId);

    [Description("once per wallet that a customer's delink found linked; `attempts` is 0 if the deadline passed before the wallet was sent")]
    [LoggerMessage(EventId = 202, EventName = "WalletAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message =
        "wallet_audit " + Subject + " outcome={Outcome}" + Course)]
    private partial void LogWallet(
        DateTime at, string caller, string merchant, string customer, string wallet, string customerHash, string walletHash, string hashKey,
        string outcome, int attempts, bool confirmed, string juspayRequestId, string keyVersion, long durationMs, string traceId);
}

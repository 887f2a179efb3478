using System.ComponentModel;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using WalletFunctions.Juspay;
using WalletFunctions.Tools;

namespace WalletFunctions.Delinking;

/// <summary>
/// Writes the audit records, and the metrics of the same facts: who asked to delink what, when, and how it ended. There is one record for each request,
/// including refused ones, and one for each wallet that a customer's delink found linked. All fields are in the message itself, because the Functions
/// host receives nothing else from its worker. Auditors rely on the fields, so fields are only added; any other change needs a new <c>v</c>.
/// </summary>
internal sealed partial class DelinkAudit(AuditHash hash, TimeProvider time, ILogger<DelinkAudit> logger)
{
    private static readonly Field[] Fields =
    [
        new("v", _ => "1"),
        new("at", record => record.At.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)),
        new("caller", record => Word(record.Entry.Caller)),
        new("merchant", record => Word(record.Entry.Merchant)),
        new("customer", record => Word(record.Entry.CustomerId?.ToString())),
        new("wallet", record => Word(record.WalletId?.ToString())),
        new("customer_hash", record => record.Hashes.Customer),
        new("wallet_hash", record => record.Hashes.Wallet),
        new("hash_key", record => Word(record.Hashes.KeyVersion)),
        new("routing_id", record => Word(record.Entry.RoutingId?.ToString()), OfRequestsOnly: true),
        new("outcome", record => record.Outcome),
        new("status", record => Number(record.Status ?? 0), OfRequestsOnly: true),
        new("attempts", record => Number(record.Trail.Attempts)),
        new("confirmed", record => record.Trail.Confirmed ? "True" : "False"),
        new("juspay_request_id", record => Word(record.Trail.JuspayRequestId)),
        new("key_version", record => Word(record.Trail.KeyVersion)),
        new("duration_ms", record => Number((long)record.Duration.TotalMilliseconds)),
        new("trace_id", record => record.Entry.TraceId),
    ];

    /// <summary>The names of the fields of <c>delink_audit</c>, in their order.</summary>
    public static IEnumerable<string> FieldsOfRequests => Fields.Select(row => row.Name);

    /// <summary>The names of the fields of <c>wallet_audit</c>, in their order.</summary>
    public static IEnumerable<string> FieldsOfWallets => Fields.Where(row => !row.OfRequestsOnly).Select(row => row.Name);

    /// <summary>Writes a request's record.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="outcome"><see cref="AuditEntry.Delinked"/>, another word of the contract, or the code of the problem in the answer.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <param name="duration">From the request's arrival to the answer.</param>
    public void RecordRequest(AuditEntry entry, string outcome, int status, TimeSpan duration)
    {
        if (Telemetry.Delinks.Enabled || Telemetry.DelinkDuration.Enabled)
        {
            var (outcomeTag, merchantTag) = (Telemetry.Tag(Telemetry.Outcome, outcome), MerchantTag(entry));
            Telemetry.Delinks.Add(1, outcomeTag, merchantTag);
            Telemetry.DelinkDuration.Record(duration.TotalSeconds, outcomeTag, merchantTag);
        }

        Write(new Record(entry, entry.WalletId, entry.Trail, outcome, duration) { Status = status });
    }

    /// <summary>Writes the record of one wallet among a customer's.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="walletId">The wallet.</param>
    /// <param name="outcome"><see cref="AuditEntry.Delinked"/>, or the code of the wallet's problem.</param>
    /// <param name="trail">The steps of the wallet's delink.</param>
    /// <param name="duration">From the start of the wallet's delink to its end.</param>
    public void RecordWallet(AuditEntry entry, WalletId walletId, string outcome, DelinkTrail trail, TimeSpan duration) =>
        Write(new Record(entry, walletId, trail, outcome, duration));

    private void Write(Record record)
    {
        Count(record);
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var isRequest = record.Status is not null;
        record = record with
        {
            At = (time.GetUtcNow() - record.Duration).UtcDateTime,
            Hashes = hash.Of(record.Entry.CustomerId?.Value, record.WalletId?.Value),
        };
        var text = new StringBuilder(512);
        foreach (var field in Fields)
        {
            if (isRequest || !field.OfRequestsOnly)
            {
                text.Append(text.Length is 0 ? "" : " ").Append(field.Name).Append('=').Append(field.Value(record));
            }
        }

        if (isRequest)
        {
            LogRequest(text.ToString());
        }
        else
        {
            LogWallet(text.ToString());
        }
    }

    private static void Count(Record record)
    {
        if (record.Trail.Retries > 0 && Telemetry.Retries.Enabled)
        {
            Telemetry.Retries.Add(record.Trail.Retries, MerchantTag(record.Entry));
        }

        if (record.Trail.Confirmed && Telemetry.Confirmations.Enabled)
        {
            Telemetry.Confirmations.Add(1, MerchantTag(record.Entry));
        }
    }

    private static KeyValuePair<string, object?> MerchantTag(AuditEntry entry) => Telemetry.Tag(Telemetry.Merchant, entry.Merchant ?? "-");

    private static string Word(string? text) => text is null ? "-" : LogText.Word(text, 64);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    [Description("once per delink request or webhook, including refused ones; see *The audit record*")]
    [LoggerMessage(EventId = 201, EventName = "DelinkAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message = "delink_audit {Fields}")]
    private partial void LogRequest(string fields);

    [Description("once per wallet that a customer's delink found linked; `attempts` is 0 if the deadline passed before the wallet was sent")]
    [LoggerMessage(EventId = 202, EventName = "WalletAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message = "wallet_audit {Fields}")]
    private partial void LogWallet(string fields);

    private sealed record Field(string Name, Func<Record, string> Value, bool OfRequestsOnly = false);

    /// <summary>The facts of one record.</summary>
    private sealed record Record(AuditEntry Entry, WalletId? WalletId, DelinkTrail Trail, string Outcome, TimeSpan Duration)
    {
        /// <summary>The HTTP status of a request's answer; null for one wallet among a customer's.</summary>
        public int? Status { get; init; }

        public DateTime At { get; init; }

        public (string Customer, string Wallet, string KeyVersion) Hashes { get; init; }
    }
}

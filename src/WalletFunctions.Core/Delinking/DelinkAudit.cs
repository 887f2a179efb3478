using System.Globalization;
using Microsoft.Extensions.Logging;
using WalletFunctions.Juspay;
using WalletFunctions.Tools;

namespace WalletFunctions.Delinking;

/// <summary>
/// Writes the audit records, and the metrics of the same facts: who asked to delink what, when, and how it ended. There is one record for each request,
/// including refused ones, and one for each wallet that a customer's delink found linked. All fields are in the message itself, because the Functions
/// host receives nothing else from its worker. Auditors rely on the fields, so fields are only added; any other change needs a new <c>v</c>.
/// </summary>
internal sealed class DelinkAudit(AuditHash hash, TimeProvider time, ILogger<DelinkAudit> logger)
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
        if (Telemetry.Delinks.Enabled)
        {
            Telemetry.Delinks.Add(1, Telemetry.Tag(Telemetry.Outcome, outcome), MerchantTag(entry));
        }

        if (Telemetry.DelinkDuration.Enabled)
        {
            Telemetry.DelinkDuration.Record(duration.TotalSeconds, Telemetry.Tag(Telemetry.Outcome, outcome), MerchantTag(entry));
        }

        Count(entry, entry.Trail);
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogDelinkAudit(new Record(entry, entry.WalletId, entry.Trail, outcome, duration, time, hash) { Status = status });
        }
    }

    /// <summary>Writes the record of one wallet among a customer's.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="walletId">The wallet.</param>
    /// <param name="outcome"><see cref="AuditEntry.Delinked"/>, or the code of the wallet's problem.</param>
    /// <param name="trail">The steps of the wallet's delink.</param>
    /// <param name="duration">From the start of the wallet's delink to its end.</param>
    public void RecordWallet(AuditEntry entry, WalletId walletId, string outcome, DelinkTrail trail, TimeSpan duration)
    {
        Count(entry, trail);
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogWalletAudit(new Record(entry, walletId, trail, outcome, duration, time, hash));
        }
    }

    private static void Count(AuditEntry entry, DelinkTrail trail)
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

    private static KeyValuePair<string, object?> MerchantTag(AuditEntry entry) => Telemetry.Tag(Telemetry.Merchant, entry.Merchant ?? "-");

    private static string Word(string? text) => text is null ? "-" : LogText.Word(text, 64);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Field(string Name, Func<Record, string> Value, bool OfRequestsOnly = false);

    /// <summary>The facts of one record, which ends now. They are formatted directly into the log message, because each record is only written once.</summary>
    private sealed class Record(
        AuditEntry entry, WalletId? walletId, DelinkTrail trail, string outcome, TimeSpan duration, TimeProvider time, AuditHash hash) : ISpanFormattable
    {
        public AuditEntry Entry => entry;

        public WalletId? WalletId => walletId;

        public DelinkTrail Trail => trail;

        public string Outcome => outcome;

        public TimeSpan Duration => duration;

        public DateTime At { get; } = (time.GetUtcNow() - duration).UtcDateTime;

        public (string Customer, string Wallet, string KeyVersion) Hashes { get; } = hash.Of(entry.CustomerId?.Value, walletId?.Value);

        /// <summary>The HTTP status of a request's answer; null for one wallet among a customer's.</summary>
        public int? Status { get; init; }

        public string ToString(string? format, IFormatProvider? formatProvider) => string.Create(formatProvider, $"{(ISpanFormattable)this}");

        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            charsWritten = 0;
            foreach (var field in Fields)
            {
                if (Status is null && field.OfRequestsOnly)
                {
                    continue;
                }

                if (!destination[charsWritten..].TryWrite($"{(charsWritten is 0 ? "" : " ")}{field.Name}={field.Value(this)}", out var written))
                {
                    return false;
                }

                charsWritten += written;
            }

            return true;
        }
    }
}

using System.Diagnostics;
using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>What is known about a request while it is handled. Its audit record is written from this at the end.</summary>
internal sealed class AuditEntry
{
    /// <summary>The outcome of a delink that succeeded. Other outcomes are codes of problems, or words of the webhook contract.</summary>
    public const string Delinked = "delinked";

    /// <summary>The outcome of an event that is in the queue.</summary>
    public const string Accepted = "accepted";

    /// <summary>The id that the answer, the log and Juspay see.</summary>
    public required string TraceId { get; init; }

    /// <summary>The trace that the request belongs to, and the caller's span in it.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>The trace in the form of the W3C's <c>traceparent</c>.</summary>
    public string TraceParent => $"00-{TraceId}-{(Trace.SpanId == default ? ActivitySpanId.CreateRandom() : Trace.SpanId)}-{(int)Trace.TraceFlags:x2}";

    /// <summary>The name of the function key, or <c>webhook:</c> and the event's id.</summary>
    public required string Caller { get; init; }

    /// <summary>The merchant's name; null for the top level and for an unknown merchant.</summary>
    public string? Merchant { get; init; }

    /// <summary>Null if the request has no valid customer id.</summary>
    public CustomerId? CustomerId { get; set; }

    /// <summary>Null if the request has no valid wallet id.</summary>
    public WalletId? WalletId { get; set; }

    /// <summary>Null if the request has no valid routing id.</summary>
    public RoutingId? RoutingId { get; set; }

    public DelinkTrail Trail { get; } = new();
}

/// <summary>Counts and notes the steps of a delink for its audit record.</summary>
/// <param name="whole">The trail of the customer's delink that this one is a part of, if any.</param>
internal sealed class DelinkTrail(DelinkTrail? whole = null)
{
    private int _attempts;

    /// <summary>How many delinks were sent to Juspay, including those without an answer; for a customer, the sum over the wallets.</summary>
    public int Attempts => _attempts;

    /// <summary>How many requests to Juspay repeated one that failed in a transient way.</summary>
    public int Retries { get; set; }

    /// <summary>Whether the wallet was read to settle an ambiguous answer. For a customer, only the records of the wallets say so.</summary>
    public bool Confirmed { get; set; }

    /// <summary>The version of the API key that was used last; null without a key.</summary>
    public string? KeyVersion
    {
        get;
        set
        {
            field = value;
            whole?.KeyVersion = value;
        }
    }

    /// <summary>Juspay's id of its last answer that has one.</summary>
    public string? JuspayRequestId
    {
        get;
        set
        {
            field = value;
            whole?.JuspayRequestId = value;
        }
    }

    public void CountDelink()
    {
        Interlocked.Increment(ref _attempts);
        whole?.CountDelink();
    }
}

using System.Diagnostics;
using WalletFunctions.Delinking;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary>A request from either host, which has matched its route and checked its function key.</summary>
internal sealed class IncomingRequest
{
    /// <summary>Gets the values of a header by its name; none if it is absent. A host may join repeated headers with commas.</summary>
    public required Func<string, IEnumerable<string>> Header { get; init; }

    public required Stream Body { get; init; }

    /// <summary>The name, not the value, of the caller's function key.</summary>
    public string? CallerKeyName { get; init; }

    /// <summary>The host's trace context for this request, in the form of the W3C's <c>traceparent</c>; null or empty without one.</summary>
    public string? HostTraceParent { get; init; }

    /// <summary>
    /// The trace that the request belongs to: the caller's, from the header <c>traceparent</c>; otherwise the host's or a new one. If the host's context
    /// belongs to the caller's trace, the host's is used, because its span is between the caller's and this service's. The Functions host has a context
    /// only if it exports telemetry.
    /// </summary>
    public ActivityContext Trace
    {
        get
        {
            if (field == default)
            {
                var caller = Telemetry.ParseTrace(SingleHeader("traceparent"));
                var host = Telemetry.ParseTrace(HostTraceParent);
                field = (host is not null && (caller is null || caller.Value.TraceId == host.Value.TraceId) ? host : caller) ?? Telemetry.NewTrace();
            }

            return field;
        }
    }

    /// <summary>The id of the trace: 32 hexadecimal digits.</summary>
    public string TraceId => field ??= Trace.TraceId.ToHexString();

    public AuditEntry ToAuditEntry(Merchant? merchant, string? caller = null) =>
        new() { TraceId = TraceId, Trace = Trace, Caller = caller ?? CallerKeyName ?? "-", Merchant = merchant?.Name };

    /// <summary>Whether the caller prefers not to wait (RFC 7240).</summary>
    public bool PrefersAsync => Header("Prefer").SelectMany(value => value.Split(',')).Any(token => token.Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase));

    public string? SingleHeader(string name) => Header(name).ToArray() is [var value] ? value : null;
}

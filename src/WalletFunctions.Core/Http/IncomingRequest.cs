using System.Diagnostics;
using WalletFunctions.Delinking;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary>A request as either host hands it over, after it has matched the route and checked the function key.</summary>
public sealed class IncomingRequest
{
    /// <summary>The values of a header by its name, none if it is absent. A host may join repeated ones by commas.</summary>
    public required Func<string, IEnumerable<string>> Header { get; init; }

    /// <summary>The body, not yet read.</summary>
    public required Stream Body { get; init; }

    /// <summary>The name, not the value, of the function key that the caller used.</summary>
    public string? CallerKeyName { get; init; }

    /// <summary>The trace context that the host made for this request, in the form of the W3C's <c>traceparent</c>; null or empty if it made none.</summary>
    public string? HostTraceParent { get; init; }

    /// <summary>
    /// The trace that the request belongs to: the caller's, from the header <c>traceparent</c>; without one the host's, or a new one. Where the host's
    /// context belongs to the caller's trace, it is used, because its span lies between the caller's and ours. The Functions host has a context only
    /// if it exports telemetry.
    /// </summary>
    internal ActivityContext Trace
    {
        get
        {
            if (field == default)
            {
                var caller = Parse(SingleHeader("traceparent"));
                var host = Parse(HostTraceParent);
                field = (host is not null && (caller is null || caller.Value.TraceId == host.Value.TraceId) ? host : caller)
                    ?? new ActivityContext(ActivityTraceId.CreateRandom(), spanId: default, ActivityTraceFlags.None);
            }

            return field;

            static ActivityContext? Parse(string? traceParent) =>
                ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var context) ? context : null;
        }
    }

    /// <summary>The id of that trace: 32 hexadecimal digits.</summary>
    internal string TraceId => field ??= Trace.TraceId.ToHexString();

    internal DelinkAuditEntry ToAuditEntry(Merchant? merchant, string? caller = null) =>
        new() { TraceId = TraceId, Trace = Trace, Caller = caller ?? CallerKeyName ?? "-", Merchant = merchant?.Name };

    internal string? SingleHeader(string name) => Header(name).ToArray() is [var value] ? value : null;
}

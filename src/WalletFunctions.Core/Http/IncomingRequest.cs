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

    /// <summary>W3C trace context of this request, if the host has one.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The caller's trace and its span in it, or a new trace without a span; the same whenever it is asked for.</summary>
    internal ActivityContext Trace
    {
        get
        {
            if (field == default)
            {
                field = ActivityContext.TryParse(TraceParent, traceState: null, isRemote: true, out var context)
                    ? context
                    : new ActivityContext(ActivityTraceId.CreateRandom(), spanId: default, ActivityTraceFlags.None);
            }

            return field;
        }
    }

    /// <summary>The id of that trace: 32 hexadecimal digits.</summary>
    internal string TraceId => field ??= Trace.TraceId.ToHexString();

    internal DelinkAuditEntry ToAuditEntry(Merchant? merchant, string? caller = null) =>
        new() { TraceId = TraceId, Trace = Trace, Caller = caller ?? CallerKeyName ?? "-", Merchant = merchant?.Name };

    internal string? SingleHeader(string name) => Header(name).ToArray() is [var value] ? value : null;
}

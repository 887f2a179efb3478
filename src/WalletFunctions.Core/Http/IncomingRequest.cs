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

    /// <summary>The id of the caller's trace, or a new one: 32 hexadecimal digits, the same whenever it is asked for.</summary>
    internal string TraceId => field ??=
        (ActivityContext.TryParse(TraceParent, traceState: null, out var context) ? context.TraceId : ActivityTraceId.CreateRandom()).ToHexString();

    internal DelinkAuditEntry ToAuditEntry(Merchant? merchant) =>
        new() { TraceId = TraceId, Caller = CallerKeyName ?? "-", Merchant = merchant?.Name };

    internal string? SingleHeader(string name) => Header(name).ToArray() is [var value] ? value : null;
}

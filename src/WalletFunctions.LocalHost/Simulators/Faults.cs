using System.Text.Json.Serialization;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>When a fault occurs, relative to the change that the request makes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultMoment>))]
public enum FaultMoment
{
    /// <summary>Before the change, which is not made.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>After the change, so that only the answer is affected.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}

/// <summary>The requests that a fault affects.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultTarget>))]
public enum FaultTarget
{
    /// <summary>Requests to Juspay.</summary>
    [JsonStringEnumMemberName("juspay")]
    Juspay,

    /// <summary>Reads of secrets.</summary>
    [JsonStringEnumMemberName("keyvault")]
    KeyVault,

    /// <summary>Requests for an access token.</summary>
    [JsonStringEnumMemberName("identity")]
    Identity,

    /// <summary>Requests to the queues.</summary>
    [JsonStringEnumMemberName("queue")]
    Queue,
}

/// <summary>
/// A fault of the next requests. Members that are absent leave their part of the answer unchanged: a fault with only <see cref="DelayMs"/> is a
/// slow but correct answer.
/// </summary>
internal sealed record Fault
{
    public const int MaxCount = 1_000_000;

    // The longest delay is one hour, in milliseconds. The longest body is 100 MB.
    private const int MaxMs = 3_600_000;
    private const int MaxBytes = 100_000_000;

    public FaultTarget Target { get; init; }

    // The two members with a default have a setter, because the serializer overwrites the default of an init-only property that the JSON omits.

    /// <summary>How many requests it affects, up to <see cref="MaxCount"/>.</summary>
    public int Count { get; set; } = 1;

    /// <summary>The method of the affected requests; null affects all methods.</summary>
    public string? Method { get; init; }

    public FaultMoment Moment { get; init; }

    /// <summary>The status to answer instead, with an empty body unless <see cref="Body"/> is set.</summary>
    public int? Status { get; init; }

    /// <summary>The headers to add or replace.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The body to answer instead.</summary>
    public string? Body { get; init; }

    /// <summary>How many bytes of invalid text to answer instead of the body.</summary>
    public int? GarbageBytes { get; init; }

    /// <summary>Appends white space to the body until it has this many bytes.</summary>
    public int? PadToBytes { get; init; }

    /// <summary>Whether to compress the body, including the padding, with gzip.</summary>
    public bool Gzip { get; init; }

    /// <summary>How long to wait before or after the change, in milliseconds; -1 sends no answer at all.</summary>
    public int DelayMs { get; init; }

    /// <summary>Whether to break the connection instead of answering.</summary>
    public bool Reset { get; init; }

    /// <summary>After how many bytes of the body to break the connection. The headers announce the whole length.</summary>
    public int? ResetAfterBytes { get; init; }

    /// <summary>How long to wait between the bytes of the body, in milliseconds.</summary>
    public int? DripMs { get; init; }

    /// <summary>Says which number is out of its range, and names the range; null if all are within it.</summary>
    internal string? OutOfRange => this switch
    {
        { Count: < 1 or > MaxCount } => $"count must be 1 to {MaxCount}",
        { Status: < 200 or > 599 } => "status must be 200 to 599",
        { DelayMs: < -1 or > MaxMs } => $"delayMs must be 0 to {MaxMs}, or -1 for no answer at all",
        { DripMs: < 0 or > MaxMs } => $"dripMs must be 0 to {MaxMs}",
        { GarbageBytes: < 0 or > MaxBytes } => $"garbageBytes must be 0 to {MaxBytes}",
        { PadToBytes: < 0 or > MaxBytes } => $"padToBytes must be 0 to {MaxBytes}",
        { ResetAfterBytes: < 0 or > MaxBytes } => $"resetAfterBytes must be 0 to {MaxBytes}",
        _ => null,
    };

    /// <summary>Cancelled when the fault is removed while it still delays a request.</summary>
    internal CancellationToken TakenBack { get; init; }

    /// <summary>Whether the fault replaces the answer, so that the request is carried out only if the fault comes after it.</summary>
    internal bool ReplacesAnswer => Status is not null || Body is not null || GarbageBytes is not null || Reset;
}

/// <summary>The faults that are waiting for requests, for all targets of one simulation.</summary>
#pragma warning disable CA1001 // A source without a timer or a wait handle has nothing to dispose of.
internal sealed class FaultQueue
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _waiting = [];
    private CancellationTokenSource _takenBack = new();

    /// <summary>How many requests got or will get no answer.</summary>
    public int Silenced { get; private set; }

    /// <summary>Chooses the fault of a request for which none was added; null for none. It is called for one request at a time.</summary>
    public Func<FaultTarget, HttpRequest, Fault?>? Otherwise { get; set; }

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _waiting.Add((fault, fault.Count));
        }
    }

    /// <summary>The faults that are still waiting for requests, oldest first, each with the number of requests it will affect.</summary>
    public IReadOnlyList<Fault> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting.Select(waiting => waiting.Fault with { Count = waiting.Left })];
            }
        }
    }

    /// <summary>Removes all faults. Requests that a fault delays lose their connection at once.</summary>
    public void Reset()
    {
        CancellationTokenSource takenBack;
        lock (_gate)
        {
            _waiting.Clear();
            takenBack = _takenBack;
            _takenBack = new CancellationTokenSource();
        }

        takenBack.Cancel();
    }

    public void Clear(FaultTarget? target = null)
    {
        lock (_gate)
        {
            _waiting.RemoveAll(waiting => target is null || waiting.Fault.Target == target);
        }
    }

    /// <summary>Returns the oldest fault that matches the request, and reduces its count by one.</summary>
    public Fault? Take(FaultTarget target, HttpRequest request)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(waiting => waiting.Fault.Target == target
                && (waiting.Fault.Method ?? request.Method).Equals(request.Method, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                return Otherwise?.Invoke(target, request);
            }

            var (fault, left) = _waiting[index];
            Silenced += fault.DelayMs < 0 ? 1 : 0;
            if (left > 1)
            {
                _waiting[index] = (fault, left - 1);
            }
            else
            {
                _waiting.RemoveAt(index);
            }

            return fault with { TakenBack = _takenBack.Token };
        }
    }
}

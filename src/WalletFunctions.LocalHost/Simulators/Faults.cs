using System.Text.Json.Serialization;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>When a fault takes effect, relative to the change that the request asks for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultMoment>))]
public enum FaultMoment
{
    /// <summary>Before the change. If the fault replaces the answer, the change is not made.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>After the change: the change is made, and only the answer is affected.</summary>
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
}

/// <summary>
/// A fault of the next requests. A property that is not set leaves its part of the answer unchanged: a fault with only <see cref="DelayMs"/> produces a slow but
/// correct answer.
/// </summary>
internal sealed record Fault
{
    public const int MaxCount = 1_000_000;

    // The longest delay is one hour, in milliseconds. The longest body is 100 MB.
    private const int MaxMs = 3_600_000;
    private const int MaxBytes = 100_000_000;

    public FaultTarget Target { get; init; }

    // Count and Headers have a setter: the serializer overwrites the default of an init-only property that is absent from the JSON.

    /// <summary>Number of requests affected: 1 to <see cref="MaxCount"/>.</summary>
    public int Count { get; set; } = 1;

    /// <summary>HTTP method of the requests affected; null for any method.</summary>
    public string? Method { get; init; }

    public FaultMoment Moment { get; init; }

    /// <summary>Status to return instead. The body is then empty unless <see cref="Body"/> or <see cref="GarbageBytes"/> is set.</summary>
    public int? Status { get; init; }

    /// <summary>Headers to add or replace.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Body to return instead.</summary>
    public string? Body { get; init; }

    /// <summary>Number of bytes to return instead of the body that are not valid UTF-8.</summary>
    public int? GarbageBytes { get; init; }

    /// <summary>Length in bytes to which white space extends the body.</summary>
    public int? PadToBytes { get; init; }

    /// <summary>Whether to compress the body, including its padding, with gzip.</summary>
    public bool Gzip { get; init; }

    /// <summary>Delay before or after the change, in milliseconds; -1 for no answer at all.</summary>
    public int DelayMs { get; init; }

    /// <summary>Whether to reset the connection instead of answering.</summary>
    public bool Reset { get; init; }

    /// <summary>Number of bytes of the body after which the connection is reset. The headers state the length of the whole body.</summary>
    public int? ResetAfterBytes { get; init; }

    /// <summary>Delay after each byte of the body, in milliseconds.</summary>
    public int? DripMs { get; init; }

    /// <summary>The first property that is out of range and its range, as a sentence; null if all are in range.</summary>
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

    /// <summary>Cancelled when all faults are reset, to end the delay of a request that still waits.</summary>
    internal CancellationToken TakenBack { get; init; }

    /// <summary>Whether the fault replaces the answer. The request is then carried out only if <see cref="Moment"/> is <see cref="FaultMoment.After"/>.</summary>
    internal bool ReplacesAnswer => Status is not null || Body is not null || GarbageBytes is not null || Reset;
}

/// <summary>The pending faults of one simulation, for all targets.</summary>
#pragma warning disable CA1001 // A CancellationTokenSource without a timer or a wait handle holds nothing to dispose.
internal sealed class FaultQueue
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _waiting = [];
    private CancellationTokenSource _takenBack = new();

    /// <summary>Number of requests that a fault has left without any answer.</summary>
    public int Silenced { get; private set; }

    /// <summary>Returns the fault of a request that no pending fault matches, by target and path. Calls do not overlap.</summary>
    public Func<FaultTarget, string, Fault?>? Otherwise { get; set; }

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _waiting.Add((fault, fault.Count));
        }
    }

    /// <summary>The pending faults, oldest first, each with the number of requests that it will still affect.</summary>
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

    /// <summary>Removes all pending faults, and closes the connections of requests that a fault delays.</summary>
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

    /// <summary>Returns the oldest pending fault that matches the request, and lowers its count by one.</summary>
    public Fault? Take(FaultTarget target, HttpRequest request)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(waiting => waiting.Fault.Target == target
                && (waiting.Fault.Method ?? request.Method).Equals(request.Method, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                return Otherwise?.Invoke(target, request.Path);
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

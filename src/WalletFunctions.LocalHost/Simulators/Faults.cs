using System.Text.Json.Serialization;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>When a fault strikes, seen from what the request would change.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultMoment>))]
public enum FaultMoment
{
    /// <summary>Before: nothing changes.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>After: the change is made, only the answer suffers.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}

/// <summary>Whom a fault strikes.</summary>
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
/// What the next requests suffer. What is absent leaves that side of the answer alone: a fault with nothing but <see cref="DelayMs"/> is a
/// slow but right answer.
/// </summary>
internal sealed record Fault
{
    public const int MaxCount = 1_000_000;

    // The longest delay: an hour, in milliseconds. The longest body: 100 MB.
    private const int MaxMs = 3_600_000;
    private const int MaxBytes = 100_000_000;

    public FaultTarget Target { get; init; }

    // The two with a default have a setter: for what a JSON text leaves out, the serializer overwrites the default of an init-only property.

    /// <summary>How many requests suffer it, up to <see cref="MaxCount"/>.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Only requests with this method; null takes any.</summary>
    public string? Method { get; init; }

    public FaultMoment Moment { get; init; }

    /// <summary>Status to answer instead; an empty body goes with it unless <see cref="Body"/> is given.</summary>
    public int? Status { get; init; }

    /// <summary>Headers to add or replace.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Body to answer instead.</summary>
    public string? Body { get; init; }

    /// <summary>This many bytes of nonsense instead of a body.</summary>
    public int? GarbageBytes { get; init; }

    /// <summary>Follow the body by white space until it has this many bytes.</summary>
    public int? PadToBytes { get; init; }

    /// <summary>Compress the body, padding included, with gzip.</summary>
    public bool Gzip { get; init; }

    /// <summary>How long to wait before or after the change, in milliseconds; -1 never answers.</summary>
    public int DelayMs { get; init; }

    /// <summary>Break the connection instead of answering.</summary>
    public bool Reset { get; init; }

    /// <summary>Break the connection after this many bytes of the body, whose whole length the headers have promised.</summary>
    public int? ResetAfterBytes { get; init; }

    /// <summary>Wait so many milliseconds between one byte of the body and the next.</summary>
    public int? DripMs { get; init; }

    /// <summary>Which number is out of its range, and what the range is; null where each is within it.</summary>
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

    /// <summary>Cancelled when the fault is taken back while a request still suffers it.</summary>
    internal CancellationToken TakenBack { get; init; }

    /// <summary>Whether the request is not carried out at all, unless it was before the fault struck.</summary>
    internal bool ReplacesAnswer => Status is not null || Body is not null || GarbageBytes is not null || Reset;
}

/// <summary>The faults that wait for their requests, for all targets of one simulation.</summary>
#pragma warning disable CA1001 // A source without a timer or a wait handle holds nothing that has to be freed.
internal sealed class FaultQueue
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _waiting = [];
    private CancellationTokenSource _takenBack = new();

    /// <summary>How many requests have got, or will get, no answer at all.</summary>
    public int Silenced { get; private set; }

    /// <summary>What a request suffers that no fault waits for, by its path; asked for one at a time.</summary>
    public Func<FaultTarget, string, Fault?>? Otherwise { get; set; }

    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _waiting.Add((fault, fault.Count));
        }
    }

    /// <summary>The faults that still wait for requests, oldest first, each with how many it will strike.</summary>
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

    /// <summary>Nothing suffers a fault any more: none waits, and requests that are kept waiting by one lose their connection at once.</summary>
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

    /// <summary>The oldest fault that fits the request, used up by one.</summary>
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

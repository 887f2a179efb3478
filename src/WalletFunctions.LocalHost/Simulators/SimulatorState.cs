using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using WalletFunctions.Intake;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>What <c>GET /_simulator</c> shows. Members of services that are real are null.</summary>
internal sealed record SimulatorState
{
    public required IReadOnlyList<string> Notes { get; init; }

    public required AlreadyUnlinkedAnswer? AlreadyUnlinked { get; init; }

    public required IReadOnlyList<SimulatedWallet>? Wallets { get; init; }

    public required IReadOnlyList<ReceivedRequest>? JuspayRequests { get; init; }

    public required int? KeyVaultReads { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>>? SecretVersions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required QueueState? Queue { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    public required IReadOnlyList<LogLine> Log { get; init; }

    public static async Task<SimulatorState> OfAsync(Simulation simulation, CallerMerchants callers, RecentLog log) => new()
    {
        Notes = await callers.NotesAsync(),
        AlreadyUnlinked = simulation.Juspay?.AlreadyUnlinked,
        Wallets = simulation.Juspay?.Wallets,
        JuspayRequests = simulation.Juspay?.Requests,
        KeyVaultReads = simulation.KeyVault?.Reads,
        SecretVersions = simulation.KeyVault?.Versions,
        Queue = simulation.Queues is { } queues ? QueueState.Of(queues) : null,
        Faults = simulation.Faults.Waiting,
        Log = log.Lines,
    };
}

/// <param name="Waiting">The accepted delinks that are not done.</param>
/// <param name="Failed">Those that were given up.</param>
internal sealed record QueueState(IReadOnlyList<QueuedDelink> Waiting, IReadOnlyList<QueuedDelink> Failed)
{
    // The listener leases a message for ten minutes while it works on it. A message that was delivered and failed comes again after half a minute.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public static QueueState Of(SimulatedQueues queues) => new(
        [.. queues.MessagesOf(IntakeQueue.Name).Select(message => Pending(message, message.VisibleAt - queues.Time.GetUtcNow()))],
        [.. queues.MessagesOf(IntakeQueue.FailedName).Select(message => Abandoned(JsonNode.Parse(message.Text)!))]);

    private static QueuedDelink Pending(QueuedMessage message, TimeSpan wait) => Read(message.Text) with
    {
        NextAttemptInS = message.Deliveries > 0 && wait > LongestPause ? null : Math.Max(0, (int)Math.Ceiling(wait.TotalSeconds)),
    };

    private static QueuedDelink Abandoned(JsonNode failed) => Read($"{failed["message"]}") with { Problem = $"{failed["problem"]}", Detail = $"{failed["detail"]}" };

    private static QueuedDelink Read(string text) => IntakeMessage.TryRead(text, out var read, out _)
        ? new QueuedDelink(read.Merchant, read.CustomerId, read.WalletId, read.Attempt, read.Problem)
        : new QueuedDelink(null, null, null, 0, "malformed_body");
}

/// <param name="Merchant">The merchant; null for the top-level settings.</param>
/// <param name="CustomerId">The customer; null if the message cannot be read.</param>
/// <param name="WalletId">The only wallet; null for all.</param>
/// <param name="Attempt">How many attempts were made.</param>
/// <param name="Problem">The code of the last attempt's problem.</param>
internal sealed record QueuedDelink(string? Merchant, string? CustomerId, string? WalletId, int Attempt, string? Problem)
{
    /// <summary>When it is tried next; null while it is being tried, and if it was given up.</summary>
    public int? NextAttemptInS { get; init; }

    /// <summary>What was wrong, if it was given up.</summary>
    public string? Detail { get; init; }
}

/// <param name="Value">Null deletes the secret.</param>
/// <param name="Enabled">Whether the version may be read.</param>
/// <param name="ExpiresOn">Its expiry date.</param>
/// <param name="Name">The secret; null for the API key of the top-level settings.</param>
internal sealed record SecretToStore(string? Value, bool Enabled = true, DateTimeOffset? ExpiresOn = null, string? Name = null);

/// <param name="Type">The event's type.</param>
/// <param name="Data">The event's data; null sends none.</param>
/// <param name="Merchant">The merchant in the path; null uses the route without one.</param>
internal sealed record EventToSend(string Type, JsonElement? Data = null, string? Merchant = null);

/// <param name="Status">The status of the answer.</param>
/// <param name="RetryAfter">The header of the answer, if present.</param>
/// <param name="Answer">The body of the answer.</param>
internal sealed record SentEvent(int Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RetryAfter, JsonNode? Answer);

internal sealed record AlreadyUnlinkedSwitch(AlreadyUnlinkedAnswer Answer);

internal sealed record Done([property: JsonPropertyName("done")] string What);

internal sealed record Refusal(string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SimulatorState))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(SecretToStore))]
[JsonSerializable(typeof(AlreadyUnlinkedSwitch))]
[JsonSerializable(typeof(EventToSend))]
[JsonSerializable(typeof(SentEvent))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class SimulatorJson : JsonSerializerContext
{
    /// <summary>Writes texts without escapes and in many lines, for readers at a terminal.</summary>
    public static SimulatorJson Plain => field ??=
        new SimulatorJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });

    /// <summary>Writes the same in one line.</summary>
    public static SimulatorJson Line => field ??= new SimulatorJson(new JsonSerializerOptions(Plain.Options) { WriteIndented = false });
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using WalletFunctions.Intake;
using WalletFunctions.Merchants;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary><c>/_simulator</c>: shows the simulators' state and takes commands for faults and changes.</summary>
internal static class SimulatorControls
{
    private const string Commands =
        "GET /_simulator; POST /_simulator/faults, /rotate-key, /secret, /webhooks, /signature, /already-unlinked, /reset; DELETE /_simulator/faults";

    public static void MapSimulatorControls(this RouteGroupBuilder thisMachine, Simulation simulation)
    {
        var controls = thisMachine.MapGroup("/_simulator");

        controls.MapGet("", (HttpContext context) => Show(context, simulation));
        controls.MapPost("/faults", async (HttpContext context) =>
        {
            if (await ReadAsync(context, SimulatorJson.Plain.Fault) is not { } fault)
            {
                return;
            }

            if (fault.OutOfRange is { } problem)
            {
                await RefuseAsync(context, problem);
                return;
            }

            simulation.Faults.Add(fault);
            var requests = fault.Count is 1 ? "the next request" : $"the next {fault.Count} requests";
            await DoneAsync(context, $"this fault affects {requests} to {NameOf(fault.Target)}; pending faults: {simulation.Faults.Waiting.Count}");
        });
        controls.MapDelete("/faults", (HttpContext context) => TakeBackAsync(context, simulation));
        controls.MapPost("/rotate-key", (HttpContext context) => RotateAsync(context, simulation));
        controls.MapPost("/secret", (HttpContext context) => StoreAsync(context, simulation));
        controls.MapPost("/webhooks", (HttpContext context) => SendAsync(context, simulation));
        controls.MapPost("/signature/{merchant?}", (HttpContext context, string? merchant) => EventSignature.AnswerAsync(context, simulation, merchant));
        controls.MapPost("/already-unlinked", async (HttpContext context) =>
        {
            if (simulation.Juspay is null)
            {
                await RefuseAsync(context, "Juspay is real");
            }
            else if (await ReadAsync(context, SimulatorJson.Plain.AlreadyUnlinkedSwitch) is { } change)
            {
                simulation.Juspay.AlreadyUnlinked = change.Answer;
                await DoneAsync(context, $"Juspay answers {NameOf(change.Answer)} when a wallet is already unlinked");
            }
        });
        controls.MapPost("/reset", async (HttpContext context) =>
        {
            simulation.Reset();
            // Core also forgets its secrets, so that no request waits for the pause after a failed read, and then reads the API key again,
            // as after the start.
            foreach (var merchant in context.RequestServices.GetRequiredService<MerchantDirectory>().All)
            {
                await merchant.ApiKey.ForgetAsync(context.RequestAborted);
                await merchant.ApiKey.GetAsync(context.RequestAborted);
            }

            foreach (var route in context.RequestServices.GetRequiredService<WebhookRoutes>().All)
            {
                await route.Secrets.ForgetAsync(context.RequestAborted);
            }

            await DoneAsync(context, "wallets, requests, faults, switches and secrets are reset");
        });
        controls.Map("/{**command}", (HttpContext context) => RefuseAsync(context, $"unknown command. Commands: {Commands}", StatusCodes.Status404NotFound));
    }

    private static Task TakeBackAsync(HttpContext context, Simulation simulation)
    {
        var names = Enum.GetValues<FaultTarget>().ToDictionary(NameOf, StringComparer.Ordinal);
        if (!TryReadParameter(context, "target", names.Keys, out var name, out var problem))
        {
            return RefuseAsync(context, problem);
        }

        simulation.Faults.Clear(name is null ? null : names[name]);
        return DoneAsync(context, $"no fault is pending for {name ?? "any request"}");
    }

    private static Task RotateAsync(HttpContext context, Simulation simulation)
    {
        if (simulation.KeyVault is null)
        {
            return RefuseAsync(context, "the vault is real: rotate the key there");
        }

        if (!TryReadParameter(context, "merchant", simulation.Merchants, out var merchant, out var problem))
        {
            return RefuseAsync(context, problem);
        }

        var version = simulation.RotateKey(merchant);
        return DoneAsync(context, $"the API key of {merchant ?? "the top-level settings"} is rotated: version {version} is in the vault, and Juspay refuses the old key");
    }

    private static async Task StoreAsync(HttpContext context, Simulation simulation)
    {
        if (simulation.KeyVault is not { } vault)
        {
            await RefuseAsync(context, "the vault is real: change the secret there");
        }
        else if (await ReadAsync(context, SimulatorJson.Plain.SecretToStore) is { } secret)
        {
            if (secret.Name is not null && !vault.NamesAtStart.Contains(secret.Name, StringComparer.OrdinalIgnoreCase))
            {
                await RefuseAsync(context, CommandReader.NotOneOf("name", vault.NamesAtStart));
                return;
            }

            var (name, version) = simulation.StoreSecret(secret.Value, secret.Enabled, secret.ExpiresOn, secret.Name);
            await DoneAsync(context, version is null ? $"{name} is deleted from the vault" : $"{name} has the new version {version}; Juspay's accepted keys are unchanged");
        }
    }

    /// <summary>Signs the event with the merchant's secret and sends it to this host, as the merchant's system does.</summary>
    private static async Task SendAsync(HttpContext context, Simulation simulation)
    {
        if (simulation.KeyVault is null)
        {
            await RefuseAsync(context, "the vault is real: sign the event with its secret");
            return;
        }

        if (await ReadAsync(context, SimulatorJson.Plain.EventToSend) is not { } @event)
        {
            return;
        }

        if (@event.Merchant is not null && !simulation.Merchants.Contains(@event.Merchant, StringComparer.OrdinalIgnoreCase))
        {
            await RefuseAsync(context, NoMerchant(simulation.Merchants));
            return;
        }

        var body = new JsonObject { ["type"] = @event.Type };
        if (@event.Data is { } data)
        {
            body["data"] = JsonSerializer.SerializeToNode(data, SimulatorJson.Plain.JsonElement);
        }

        var text = body.ToJsonString();
        var path = @event.Merchant is null ? "/webhooks/delink" : $"/webhooks/{@event.Merchant}/delink";
        // The text of an endpoint includes the brackets that an IPv6 address needs in a URL.
        var here = new IPEndPoint(context.Connection.LocalIpAddress!, context.Connection.LocalPort);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{here}{path}") { Content = new StringContent(text, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in EventSignature.Headers(@event.Merchant, id: null, Encoding.UTF8.GetBytes(text), context))
        {
            request.Headers.Add(name, value);
        }

#pragma warning disable RS0030 // Here the local host acts as the merchant's system.
        using var client = new HttpClient();
#pragma warning restore RS0030
        using var answer = await client.SendAsync(request, context.RequestAborted);
        var answered = JsonNode.Parse(await answer.Content.ReadAsStringAsync(context.RequestAborted));
        await WriteAsync(context, new SentEvent((int)answer.StatusCode, answer.Headers.RetryAfter?.ToString(), answered), SimulatorJson.Line.SentEvent);
    }

    private static Task Show(HttpContext context, Simulation simulation)
    {
        var state = new SimulatorState(
            simulation.Juspay?.AlreadyUnlinked,
            simulation.Juspay?.Wallets,
            simulation.Juspay?.Requests,
            simulation.KeyVault?.Reads,
            simulation.KeyVault?.Versions,
            simulation.Queues is { } queues ? StateOf(queues) : null,
            simulation.Faults.Waiting,
            context.RequestServices.GetRequiredService<RecentLog>().Lines);
        return WriteAsync(context, state, SimulatorJson.Plain.SimulatorState);
    }

    private static QueueState StateOf(SimulatedQueues queues) => new(
        [.. queues.MessagesOf(IntakeQueue.Name).Select(message => IntakeMessage.TryRead(message.Text, out var read, out _)
            ? new WaitingDelink(read.CustomerId, read.WalletId, read.Attempt, read.Problem, message.VisibleAt)
            : new WaitingDelink("", null, 0, "malformed_body", message.VisibleAt))],
        [.. queues.MessagesOf(IntakeQueue.FailedName).Select(message => JsonNode.Parse(message.Text))]);

    /// <summary>Reads a parameter of the query that has one of a few values or is absent. Any other parameter is an error.</summary>
    private static bool TryReadParameter(
        HttpContext context, string name, IReadOnlyCollection<string> possible, out string? value, [NotNullWhen(false)] out string? problem)
    {
        var query = context.Request.Query;
        var asked = query[name].ToString();
        value = possible.FirstOrDefault(one => one.Equals(asked, StringComparison.OrdinalIgnoreCase));
        problem = query.Keys.FirstOrDefault(key => !key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } other ? CommandReader.NoField(other, name)
            : asked is "" || value is not null ? null
            : name is "merchant" ? NoMerchant(possible)
            : CommandReader.NotOneOf(name, possible);
        return problem is null;
    }

    /// <summary>Says which merchants there are.</summary>
    public static string NoMerchant(IReadOnlyCollection<string> merchants) => merchants.Count > 0
        ? CommandReader.NotOneOf("merchant", merchants)
        : "merchant must be left out, since no merchant is configured. Example: --Merchants:shop_a:MerchantId=ShopA";

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var (command, problem) = await CommandReader.ReadAsync(context.Request.Body, type, context.RequestAborted);
        if (problem is not null)
        {
            await RefuseAsync(context, problem);
        }

        return command;
    }

    private static string NameOf(FaultTarget target) => JsonSerializer.SerializeToElement(target, SimulatorJson.Plain.FaultTarget).GetString()!;

    private static string NameOf(AlreadyUnlinkedAnswer answer) => JsonSerializer.SerializeToElement(answer, SimulatorJson.Plain.AlreadyUnlinkedAnswer).GetString()!;

    /// <summary>Answers with what was done.</summary>
    public static Task DoneAsync(HttpContext context, string what) => WriteAsync(context, new Done(what), SimulatorJson.Line.Done);

    /// <summary>Answers with why nothing was done.</summary>
    public static Task RefuseAsync(HttpContext context, string why, int status = StatusCodes.Status400BadRequest)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new Refusal(why), SimulatorJson.Line.Refusal);
    }

    /// <summary>Writes JSON with the end of line that a terminal needs.</summary>
    private static async Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(JsonSerializer.Serialize(answer, type) + "\n", context.RequestAborted);
    }
}

internal sealed record SimulatorState(
    AlreadyUnlinkedAnswer? AlreadyUnlinked,
    IReadOnlyList<SimulatedWallet>? Wallets,
    IReadOnlyList<ReceivedRequest>? JuspayRequests,
    int? KeyVaultReads,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? SecretVersions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] QueueState? Queue,
    IReadOnlyList<Fault> Faults,
    IReadOnlyList<LogLine> Log);

/// <param name="Waiting">The accepted delinks that are not done.</param>
/// <param name="Failed">Those that were given up.</param>
internal sealed record QueueState(IReadOnlyList<WaitingDelink> Waiting, IReadOnlyList<JsonNode?> Failed);

/// <param name="CustomerId">The customer.</param>
/// <param name="WalletId">The only wallet; null for all.</param>
/// <param name="Attempt">How many attempts were made.</param>
/// <param name="Problem">The code of the last attempt's problem.</param>
/// <param name="NextAttemptAt">When it is tried next.</param>
internal sealed record WaitingDelink(string CustomerId, string? WalletId, int Attempt, string? Problem, DateTimeOffset NextAttemptAt);

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

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using WalletFunctions.Webhooks;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary><c>/_simulator</c>: look at the simulators, and make life hard for the function.</summary>
internal static class SimulatorControls
{
    public static void MapSimulatorControls(this RouteGroupBuilder thisMachine, Simulation simulation)
    {
        var controls = thisMachine.MapGroup("/_simulator");

        controls.MapGet("", (HttpContext context) => Show(context, simulation));
        controls.MapPost("/reset", (HttpContext context) => Change(context, simulation, simulation.Reset));
        MapFaults(controls, simulation);
        controls.MapPost("/rotate-key", (HttpContext context) =>
        {
            var merchant = context.Request.Query["merchant"] is [{ Length: > 0 } name] ? name : null;
            return simulation.KeyVault is null ? RefuseAsync(context, "the vault is real: rotate the key there")
                : merchant is not null && !simulation.Merchants.Contains(merchant, StringComparer.OrdinalIgnoreCase)
                ? RefuseAsync(context, "there is no such merchant")
                : Change(context, simulation, () => simulation.RotateKey(merchant));
        });
        controls.MapPost("/secret", async (HttpContext context) =>
        {
            if (simulation.KeyVault is null)
            {
                await RefuseAsync(context, "the vault is real: change the secret there");
            }
            else if (await ReadAsync(context, SimulatorJson.Plain.SecretToStore) is { } secret)
            {
                await Change(context, simulation, () => simulation.StoreSecret(secret.Value, secret.Enabled, secret.ExpiresOn, secret.Name));
            }
        });
        controls.MapPost("/webhooks", async (HttpContext context) =>
        {
            if (simulation.KeyVault is null)
            {
                await RefuseAsync(context, "the vault is real: sign with its secret");
            }
            else if (await ReadAsync(context, SimulatorJson.Plain.EventToSend) is { } @event)
            {
                await SendAsync(context, @event);
            }
        });
        controls.MapPost("/already-unlinked", async (HttpContext context) =>
        {
            if (simulation.Juspay is null)
            {
                await RefuseAsync(context, "Juspay is real");
            }
            else if (await ReadAsync(context, SimulatorJson.Plain.AlreadyUnlinkedSwitch) is { } change)
            {
                await Change(context, simulation, () => simulation.Juspay.AlreadyUnlinked = change.Answer);
            }
        });
    }

    private static void MapFaults(RouteGroupBuilder controls, Simulation simulation)
    {
        controls.MapPost("/faults", async (HttpContext context) =>
        {
            if (await ReadAsync(context, SimulatorJson.Plain.Fault) is { Count: > 0 and <= Fault.MaxCount } fault)
            {
                await Change(context, simulation, () => simulation.Faults.Add(fault));
            }
            else if (!context.Response.HasStarted)
            {
                await RefuseAsync(context, $"count must be 1 to {Fault.MaxCount}");
            }
        });
        controls.MapDelete("/faults", (HttpContext context) =>
        {
            var name = context.Request.Query["target"].ToString();
            return Enum.TryParse<FaultTarget>(name, ignoreCase: true, out var target) || name is ""
                ? Change(context, simulation, () => simulation.Faults.Clear(name is "" ? null : target))
                : RefuseAsync(context, "there is no such target");
        });
    }

    /// <summary>Signs the event with the secret in the simulated vault and sends it to this host, as a merchant's system would.</summary>
    private static async Task SendAsync(HttpContext context, EventToSend @event)
    {
        var data = JsonSerializer.SerializeToNode(@event.Data, SimulatorJson.Plain.JsonElement);
        var body = new JsonObject { ["type"] = @event.Type, ["data"] = data }.ToJsonString();
        var id = "msg_" + Guid.NewGuid().ToString("N");
        var timestamp = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var secrets = WebhookSecrets.TryParse(Simulation.WebhookSecret, out var parsed, out _) ? parsed : throw new UnreachableException();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook-id"] = id,
            ["webhook-timestamp"] = timestamp,
            ["webhook-signature"] = WebhookSignature.Sign(id, timestamp, Encoding.UTF8.GetBytes(body), secrets),
        };
        var path = @event.Merchant is null ? "/webhooks/delink" : $"/webhooks/{Uri.EscapeDataString(@event.Merchant)}/delink";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{context.Connection.LocalIpAddress}:{context.Connection.LocalPort}{path}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

#pragma warning disable RS0030 // Here the local host plays somebody else's system.
        using var client = new HttpClient();
#pragma warning restore RS0030
        using var answer = await client.SendAsync(request, context.RequestAborted);
        var answered = JsonNode.Parse(await answer.Content.ReadAsStringAsync(context.RequestAborted));
        var sent = new SentEvent(headers, body, (int)answer.StatusCode, answer.Headers.RetryAfter?.ToString(), answered);
        await context.Response.WriteAsJsonAsync(sent, SimulatorJson.Plain.SentEvent);
    }

    private static Task Change(HttpContext context, Simulation simulation, Action change)
    {
        change();
        return Show(context, simulation);
    }

    private static Task Show(HttpContext context, Simulation simulation)
    {
        var state = new SimulatorState(
            simulation.Juspay?.AlreadyUnlinked,
            simulation.Juspay?.Wallets,
            simulation.Juspay?.Requests,
            simulation.KeyVault?.Reads,
            simulation.KeyVault?.Versions,
            simulation.Faults.Waiting,
            context.RequestServices.GetRequiredService<RecentLog>().Lines);
        return context.Response.WriteAsJsonAsync(state, SimulatorJson.Plain.SimulatorState);
    }

    private static async Task<T?> ReadAsync<T>(HttpContext context, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await RefuseAsync(context, exception.Message);
            return null;
        }
    }

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new Refusal(why), SimulatorJson.Plain.Refusal);
    }
}

internal sealed record SimulatorState(
    AlreadyUnlinkedAnswer? AlreadyUnlinked,
    IReadOnlyList<SimulatedWallet>? Wallets,
    IReadOnlyList<ReceivedRequest>? JuspayRequests,
    int? KeyVaultReads,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? SecretVersions,
    IReadOnlyList<Fault> Faults,
    IReadOnlyList<LogLine> Log);

/// <param name="Value">Null deletes the secret.</param>
/// <param name="Enabled">Whether the version may be read.</param>
/// <param name="ExpiresOn">Its expiry date.</param>
/// <param name="Name">Which secret; null is the API key of the top-level settings.</param>
internal sealed record SecretToStore(string? Value, bool Enabled = true, DateTimeOffset? ExpiresOn = null, string? Name = null);

/// <param name="Type">The event's type.</param>
/// <param name="Data">The event's data.</param>
/// <param name="Merchant">The merchant in the path; null takes the route without one.</param>
internal sealed record EventToSend(string Type, JsonElement Data, string? Merchant = null);

internal sealed record SentEvent(IReadOnlyDictionary<string, string> Headers, string Body, int Status, string? RetryAfter, JsonNode? Answer);

internal sealed record AlreadyUnlinkedSwitch(AlreadyUnlinkedAnswer Answer);

internal sealed record Refusal(string Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SimulatorState))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(SecretToStore))]
[JsonSerializable(typeof(AlreadyUnlinkedSwitch))]
[JsonSerializable(typeof(EventToSend))]
[JsonSerializable(typeof(SentEvent))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class SimulatorJson : JsonSerializerContext
{
    /// <summary>Shows texts as they are, for whoever reads them at a terminal.</summary>
    public static SimulatorJson Plain => field ??=
        new SimulatorJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

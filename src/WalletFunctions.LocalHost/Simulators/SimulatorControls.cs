using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
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

        controls.MapGet("", (HttpContext context) => ShowAsync(context, simulation));
        controls.MapPost("/faults", async (HttpContext context) =>
        {
            if (await ReadAsync(context, SimulatorJson.Plain.Fault) is not { } fault)
            {
                return;
            }

            if ((fault.OutOfRange ?? simulation.WhyNoFault(fault.Target)) is { } problem)
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

            // Last, because the reading of the keys writes lines.
            context.RequestServices.GetRequiredService<RecentLog>().Clear();
            await DoneAsync(context, "wallets, requests, the log, faults, switches and secrets are reset");
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
        if (simulation.KeyVault is null || simulation.Juspay is null)
        {
            return RefuseAsync(context, simulation.KeyVault is null ? "the vault is real: rotate the key there" : "Juspay is real: it does not know a key that is made here");
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
        if (simulation.KeyVault is null)
        {
            await RefuseAsync(context, "the vault is real: change the secret there");
        }
        else if (await ReadAsync(context, SimulatorJson.Plain.SecretToStore) is { } secret)
        {
            if (secret.Name is not null && !simulation.SecretNames.Contains(secret.Name, StringComparer.OrdinalIgnoreCase))
            {
                await RefuseAsync(context, CommandReader.NotOneOf("name", simulation.SecretNames));
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

    private static async Task ShowAsync(HttpContext context, Simulation simulation) => await WriteAsync(
        context,
        await SimulatorState.OfAsync(simulation, context.RequestServices.GetRequiredService<CallerMerchants>(), context.RequestServices.GetRequiredService<RecentLog>()),
        SimulatorJson.Plain.SimulatorState);

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

using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary><c>/_simulator</c>: look at the simulators, and make life hard for the function. Only from this machine.</summary>
internal static class SimulatorControls
{
    public static void MapSimulatorControls(this WebApplication app, Simulation simulation)
    {
        var controls = app.MapGroup("/_simulator").AddEndpointFilter(async (context, next) =>
            context.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) ? await next(context) : Results.NotFound());

        controls.MapGet("", (HttpContext context) => Show(context, simulation));
        controls.MapPost("/reset", (HttpContext context) => Change(context, simulation, simulation.Reset));
        controls.MapPost("/faults", async (HttpContext context) =>
        {
            if (await ReadAsync(context, SimulatorJson.Default.Fault) is { Count: > 0 and <= Fault.MaxCount } fault)
            {
                await Change(context, simulation, () => simulation.Faults.Add(fault));
            }
            else if (!context.Response.HasStarted)
            {
                await RefuseAsync(context, $"count must be 1 to {Fault.MaxCount}");
            }
        });
        controls.MapPost("/rotate-key", (HttpContext context) => simulation.KeyVault is null
            ? RefuseAsync(context, "the vault is real: rotate the key there")
            : Change(context, simulation, () => simulation.RotateKey()));
        controls.MapPost("/secret", async (HttpContext context) =>
        {
            if (simulation.KeyVault is null)
            {
                await RefuseAsync(context, "the vault is real: change the secret there");
            }
            else if (await ReadAsync(context, SimulatorJson.Default.SecretToStore) is { } secret)
            {
                await Change(context, simulation, () => simulation.StoreSecret(secret.Value, secret.Enabled, secret.ExpiresOn));
            }
        });
        controls.MapPost("/already-unlinked", async (HttpContext context) =>
        {
            if (simulation.Juspay is null)
            {
                await RefuseAsync(context, "Juspay is real");
            }
            else if (await ReadAsync(context, SimulatorJson.Default.AlreadyUnlinkedSwitch) is { } change)
            {
                await Change(context, simulation, () => simulation.Juspay.AlreadyUnlinked = change.Answer);
            }
        });
    }

    private static Task Change(HttpContext context, Simulation simulation, Action change)
    {
        change();
        return Show(context, simulation);
    }

    private static Task Show(HttpContext context, Simulation simulation)
    {
        var state = new SimulatorState(
            simulation.Juspay?.AlreadyUnlinked, simulation.Juspay?.Wallets, simulation.Juspay?.Requests, simulation.KeyVault?.Reads, simulation.KeyVault?.Versions);
        return context.Response.WriteAsJsonAsync(state, SimulatorJson.Default.SimulatorState);
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
        return context.Response.WriteAsJsonAsync(new Refusal(why), SimulatorJson.Default.Refusal);
    }
}

internal sealed record SimulatorState(
    AlreadyUnlinkedAnswer? AlreadyUnlinked,
    IReadOnlyList<SimulatedWallet>? Wallets,
    IReadOnlyList<ReceivedRequest>? JuspayRequests,
    int? KeyVaultReads,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? SecretVersions);

/// <param name="Value">Null deletes the secret.</param>
/// <param name="Enabled">Whether the version may be read.</param>
/// <param name="ExpiresOn">Its expiry date.</param>
internal sealed record SecretToStore(string? Value, bool Enabled = true, DateTimeOffset? ExpiresOn = null);

internal sealed record AlreadyUnlinkedSwitch(AlreadyUnlinkedAnswer Answer);

internal sealed record Refusal(string Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SimulatorState))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(SecretToStore))]
[JsonSerializable(typeof(AlreadyUnlinkedSwitch))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class SimulatorJson : JsonSerializerContext;

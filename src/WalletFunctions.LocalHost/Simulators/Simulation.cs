using System.Security.Cryptography;
using Azure.Core.Pipeline;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>Stands in for whatever the configuration does not name: Juspay, or Key Vault with the managed identity, or both.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    private readonly string _secretName;

    private Simulation(IConfiguration configuration)
    {
        _secretName = configuration["KeyVault:ApiKeySecretName"] ?? "juspay-api-key";
        Juspay = string.IsNullOrWhiteSpace(configuration["Juspay:BaseUrl"]) ? new SimulatedJuspay(Faults) : null;
        KeyVault = string.IsNullOrWhiteSpace(configuration["KeyVault:Uri"]) ? new SimulatedKeyVault(Faults) : null;
        ApiKey = configuration["LocalHost:JuspayApiKey"] is { Length: > 0 } key ? key : NewKey();
    }

    public FaultQueue Faults { get; } = new();

    /// <summary>Null where the configuration names the real one.</summary>
    public SimulatedJuspay? Juspay { get; }

    /// <summary>Null where the configuration names the real one.</summary>
    public SimulatedKeyVault? KeyVault { get; }

    /// <summary>The key in the simulated vault.</summary>
    public string ApiKey { get; private set; }

    /// <summary>Starts what is to be simulated, points the configuration at it, and hands Core a transport that reaches it.</summary>
    public static async Task<Simulation> StartAsync(ConfigurationManager configuration, IServiceCollection services)
    {
        var simulation = new Simulation(configuration);
        if (simulation.Juspay is { } juspay)
        {
            await juspay.StartAsync();
            juspay.Accept(simulation.ApiKey);
            configuration["Juspay:BaseUrl"] = juspay.BaseUrl;
        }

        if (simulation.KeyVault is { } vault)
        {
            await vault.StartAsync();
            vault.Store(simulation._secretName, simulation.ApiKey);
            configuration["KeyVault:Uri"] = $"https://{SimulatedKeyVault.Host}";
            configuration["IDENTITY_ENDPOINT"] = Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT");
            configuration["AZURE_CLIENT_ID"] = vault.ClientId;
            services.AddSingleton<HttpPipelineTransport>(new HttpClientTransport(new HttpClient(vault.CreateHandler())));
        }

        return simulation;
    }

    /// <summary>A new key in the vault and at Juspay, where the old one is void at once.</summary>
    /// <returns>The new version's name.</returns>
    public string RotateKey()
    {
        ApiKey = NewKey();
        var version = KeyVault!.Store(_secretName, ApiKey);
        Juspay?.Accept(ApiKey);
        return version;
    }

    /// <summary>Stores what an operator may store by mistake; Juspay knows nothing of it.</summary>
    /// <returns>The new version's name, or null if the secret was deleted.</returns>
    public string? StoreSecret(string? value, bool enabled, DateTimeOffset? expiresOn)
    {
        if (value is null)
        {
            KeyVault!.Delete(_secretName);
            return null;
        }

        return KeyVault!.Store(_secretName, value, enabled, expiresOn);
    }

    /// <summary>Wallets, requests and faults as at the start. The key stays as it is, since whoever holds it would not notice.</summary>
    public void Reset()
    {
        Faults.Clear();
        Juspay?.Reset();
        if (KeyVault is { } vault)
        {
            vault.Allowed = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Juspay is not null)
        {
            await Juspay.DisposeAsync();
        }

        if (KeyVault is not null)
        {
            await KeyVault.DisposeAsync();
        }
    }

    private static string NewKey() => "local" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
}

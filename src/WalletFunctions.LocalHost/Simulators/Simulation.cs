using System.Security.Cryptography;
using System.Text;
using WalletFunctions.KeyVault;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>Simulates the services that the configuration does not name: Juspay, or Key Vault with the managed identity, or both.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    /// <summary>The secret of the test vector of Standard Webhooks, so that its tools can sign events for a local host.</summary>
    public const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The key of the hashes in audit records, if they are configured. It is public, so it is suitable only for trying them out.</summary>
    public const string AuditHashKey = "bG9jYWwtaG9zdC1hdWRpdC1oYXNoLWtleS0wMDAwMDA=";

    private readonly ConfigurationManager _configuration;
    private readonly Dictionary<string, string> _apiKeys = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, string> _apiKeysAtStart = [];

    private Simulation(ConfigurationManager configuration)
    {
        _configuration = configuration;
        var merchants = configuration.GetSection("Merchants").GetChildren().Where(merchant => merchant.GetChildren().Any());
        Merchants = [.. merchants.Select(merchant => merchant.Key)];
        Juspay = string.IsNullOrWhiteSpace(configuration["Juspay:BaseUrl"]) ? new SimulatedJuspay(Faults, Merchants) : null;
        KeyVault = string.IsNullOrWhiteSpace(configuration["KeyVault:Uri"]) ? new SimulatedKeyVault(Faults) : null;
        var usesQueue = string.Equals(configuration["Webhooks:Intake"], "queue", StringComparison.OrdinalIgnoreCase);
        Queues = usesQueue && string.IsNullOrWhiteSpace(configuration["Intake"]) && !configuration.GetSection("Intake").GetChildren().Any() ? new SimulatedQueues(Faults) : null;
    }

    public FaultQueue Faults { get; } = new();

    /// <summary>Null if no queue is used, or if the configuration names a real one.</summary>
    public SimulatedQueues? Queues { get; }

    /// <summary>The configured merchants. Each has its own key and customer.</summary>
    public IReadOnlyList<string> Merchants { get; }

    /// <summary>Null if the configuration names the real one.</summary>
    public SimulatedJuspay? Juspay { get; }

    /// <summary>Null if the configuration names the real one.</summary>
    public SimulatedKeyVault? KeyVault { get; }

    /// <summary>The API key of the top-level settings in the simulated vault.</summary>
    public string ApiKey => _apiKeys[""];

    /// <summary>All API keys that were in the simulated vault.</summary>
    public List<string> AllApiKeys { get; } = [];

    /// <summary>
    /// The secret that signs the webhooks of a route, the same at every start. Each merchant and sender has its own, so that an event signed for one is
    /// refused for another.
    /// </summary>
    /// <param name="name">The name in the path; null for the route without one.</param>
    public static string WebhookSecretOf(string? name) => name is null
        ? WebhookSecret
        : "whsec_" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("webhooks of " + name.ToLowerInvariant())));

    /// <summary>Starts the simulators, changes the configuration to their addresses, and registers a handler that reaches them.</summary>
    public static async Task<Simulation> StartAsync(ConfigurationManager configuration, IServiceCollection services)
    {
        var simulation = new Simulation(configuration);
        if (simulation.Juspay is { } juspay)
        {
            await juspay.StartAsync();
            configuration["Juspay:BaseUrl"] = juspay.BaseUrl;
        }

        if (simulation.Queues is { } queues)
        {
            await queues.StartAsync();
            configuration["Intake"] = queues.ConnectionString;
        }

        if (simulation.KeyVault is { } vault)
        {
            await vault.StartAsync();
            configuration["KeyVault:Uri"] = $"https://{SimulatedKeyVault.Host}";
            configuration["IDENTITY_ENDPOINT"] = Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT");
            configuration["IDENTITY_HEADER"] = Environment.GetEnvironmentVariable("IDENTITY_HEADER");
            configuration["AZURE_CLIENT_ID"] = vault.ClientId;
            services.AddSingleton(new KeyVaultHandler(vault.CreateHandler()));
            vault.Store(configuration["KeyVault:WebhookSecretName"] ?? "webhook-signing-secret", WebhookSecret);
            if (configuration["Audit:HashSecretName"] is { Length: > 0 } auditHashSecretName)
            {
                vault.Store(auditHashSecretName, AuditHashKey);
            }

            simulation.StoreFirstKey(merchant: null, configuration[LocalHostSettings.JuspayApiKey]);
            foreach (var merchant in simulation.Merchants)
            {
                configuration[$"Merchants:{merchant}:ApiKeySecretName"] ??= $"{merchant.Replace('_', '-')}-juspay-api-key";
                simulation.StoreFirstKey(merchant, key: null);
                var webhookSecretName = configuration[$"Merchants:{merchant}:WebhookSecretName"] ??= $"{merchant.Replace('_', '-')}-webhook-secret";
                vault.Store(webhookSecretName, WebhookSecretOf(merchant));
            }

            foreach (var sender in configuration.GetSection("Webhooks:Senders").GetChildren())
            {
                vault.Store(sender["SecretName"] ?? $"{sender.Key.Replace('_', '-')}-webhook-secret", WebhookSecretOf(sender.Key));
            }

            simulation._apiKeysAtStart = new(simulation._apiKeys, StringComparer.OrdinalIgnoreCase);
            vault.MarkStart();
        }

        return simulation;
    }

    /// <summary>The secrets that a command can change: those that existed at the start, and the API keys, which have no value at the start if Juspay is real.</summary>
    public IEnumerable<string> SecretNames => KeyVault!.NamesAtStart.Union(Merchants.Prepend(null).Select(ApiKeySecretName), StringComparer.OrdinalIgnoreCase);

    /// <summary>Says why a fault of this target would affect no request; null if it affects some.</summary>
    public string? WhyNoFault(FaultTarget target) => target switch
    {
        FaultTarget.Juspay when Juspay is null => "Juspay is real, so faults do not affect it",
        FaultTarget.KeyVault or FaultTarget.Identity when KeyVault is null => "the vault is real, so faults do not affect it",
        FaultTarget.Queue when Queues is null => "no queue is simulated. Example: --Webhooks:Intake=queue",
        _ => null,
    };

    /// <summary>Stores a new key in the vault and at Juspay, which no longer accepts the old one.</summary>
    /// <returns>The new version's name.</returns>
    public string RotateKey(string? merchant = null) => ChangeKey(merchant, NewKey());

    /// <summary>Stores a value in the vault but not at Juspay, as an operator might by mistake.</summary>
    /// <returns>The secret's name, and the name of its new version; null if the secret was deleted.</returns>
    public (string Name, string? Version) StoreSecret(string? value, bool enabled, DateTimeOffset? expiresOn, string? name = null)
    {
        name ??= ApiKeySecretName(null);
        if (value is null)
        {
            KeyVault!.Delete(name);
            return (name, null);
        }

        return (name, KeyVault!.Store(name, value, enabled, expiresOn));
    }

    /// <summary>
    /// Restores everything as at the start: wallets, requests, Juspay's answer for an unlinked wallet, stored secrets and accepted API keys, without faults.
    /// Secrets that Core holds in memory are not changed.
    /// </summary>
    public void Reset()
    {
        Juspay?.Reset();
        KeyVault?.Reset();
        Queues?.Reset();
        foreach (var (merchant, key) in _apiKeysAtStart)
        {
            _apiKeys[merchant] = key;
            Juspay?.Accept(key, merchant is "" ? null : merchant);
        }

        // Last, because requests that a fault delays are repeated at once.
        Faults.Reset();
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

        if (Queues is not null)
        {
            await Queues.DisposeAsync();
        }
    }

    /// <summary>Stores the key. Without one, the simulated Juspay gets one that is made here; the real one would refuse it, so the vault stays without a key.</summary>
    private void StoreFirstKey(string? merchant, string? key)
    {
        if (!string.IsNullOrEmpty(key) || Juspay is not null)
        {
            ChangeKey(merchant, string.IsNullOrEmpty(key) ? NewKey() : key);
        }
    }

    private string ChangeKey(string? merchant, string key)
    {
        _apiKeys[merchant ?? ""] = key;
        AllApiKeys.Add(key);
        // The vault first, as an operator does: a call whose key is refused then finds the new one.
        var version = KeyVault!.Store(ApiKeySecretName(merchant), key);
        Juspay?.Accept(key, merchant);
        return version;
    }

    private string ApiKeySecretName(string? merchant) =>
        _configuration[merchant is null ? "KeyVault:ApiKeySecretName" : $"Merchants:{merchant}:ApiKeySecretName"] ?? "juspay-api-key";

    private static string NewKey() => "local" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
}

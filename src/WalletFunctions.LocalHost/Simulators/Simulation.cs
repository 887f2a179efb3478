using System.Security.Cryptography;
using System.Text;
using WalletFunctions.KeyVault;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>Stands in for whatever the configuration does not name: Juspay, or Key Vault with the managed identity, or both.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    /// <summary>The secret of the vector that Standard Webhooks publishes, so that any tool of theirs can sign for a local host.</summary>
    public const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The key of the audit records' hashes, where the configuration asks for them; published here, so good for trying it out alone.</summary>
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
    }

    public FaultQueue Faults { get; } = new();

    /// <summary>The configured merchants, each with a key and a customer of its own.</summary>
    public IReadOnlyList<string> Merchants { get; }

    /// <summary>Null where the configuration names the real one.</summary>
    public SimulatedJuspay? Juspay { get; }

    /// <summary>Null where the configuration names the real one.</summary>
    public SimulatedKeyVault? KeyVault { get; }

    /// <summary>The key in the simulated vault for the top-level settings.</summary>
    public string ApiKey => _apiKeys[""];

    /// <summary>Every API key that was ever in the simulated vault.</summary>
    public List<string> AllApiKeys { get; } = [];

    /// <summary>
    /// The secret that a merchant's webhooks are signed with, the same at every start. Each merchant has its own, so that what is signed for one is
    /// refused for another.
    /// </summary>
    /// <param name="merchant">Null for the one of the top-level settings.</param>
    public static string WebhookSecretOf(string? merchant) => merchant is null
        ? WebhookSecret
        : "whsec_" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("webhooks of " + merchant.ToLowerInvariant())));

    /// <summary>Starts what is to be simulated, points the configuration at it, and hands Core a transport that reaches it.</summary>
    public static async Task<Simulation> StartAsync(ConfigurationManager configuration, IServiceCollection services)
    {
        var simulation = new Simulation(configuration);
        if (simulation.Juspay is { } juspay)
        {
            await juspay.StartAsync();
            configuration["Juspay:BaseUrl"] = juspay.BaseUrl;
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

            simulation.ChangeKey(merchant: null, configuration["LocalHost:JuspayApiKey"] is { Length: > 0 } key ? key : NewKey());
            foreach (var merchant in simulation.Merchants)
            {
                configuration[$"Merchants:{merchant}:ApiKeySecretName"] ??= $"{merchant.Replace('_', '-')}-juspay-api-key";
                simulation.ChangeKey(merchant, NewKey());
                var webhookSecretName = configuration[$"Merchants:{merchant}:WebhookSecretName"] ??= $"{merchant.Replace('_', '-')}-webhook-secret";
                vault.Store(webhookSecretName, WebhookSecretOf(merchant));
            }

            simulation._apiKeysAtStart = new(simulation._apiKeys, StringComparer.OrdinalIgnoreCase);
            vault.MarkStart();
        }

        return simulation;
    }

    /// <summary>A new key in the vault and at Juspay, where the old one is void at once.</summary>
    /// <returns>The new version's name.</returns>
    public string RotateKey(string? merchant = null) => ChangeKey(merchant, NewKey());

    /// <summary>Stores what an operator may store by mistake; Juspay knows nothing of it.</summary>
    /// <returns>The secret's name, and that of its new version, or null if the secret was deleted.</returns>
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
    /// Everything as at the start: wallets, requests, what Juspay answers when a wallet is unlinked already, stored secrets, accepted API keys, and no fault.
    /// What Core holds in memory is Core's.
    /// </summary>
    public void Reset()
    {
        Juspay?.Reset();
        KeyVault?.Reset();
        foreach (var (merchant, key) in _apiKeysAtStart)
        {
            _apiKeys[merchant] = key;
            Juspay?.Accept(key, merchant is "" ? null : merchant);
        }

        // Last, since requests that a fault kept waiting are sent again at once.
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
    }

    private string ChangeKey(string? merchant, string key)
    {
        _apiKeys[merchant ?? ""] = key;
        AllApiKeys.Add(key);
        Juspay?.Accept(key, merchant);
        return KeyVault!.Store(ApiKeySecretName(merchant), key);
    }

    private string ApiKeySecretName(string? merchant) =>
        _configuration[merchant is null ? "KeyVault:ApiKeySecretName" : $"Merchants:{merchant}:ApiKeySecretName"] ?? "juspay-api-key";

    private static string NewKey() => "local" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
}

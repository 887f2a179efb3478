using Azure.Security.KeyVault.Secrets;
using WalletFunctions.Juspay;
using WalletFunctions.Secrets;

namespace WalletFunctions;

/// <summary>
/// What a first delink would wait for, begun while the host is still being put together and away from its thread: the API keys and, beside them,
/// a connection to each Juspay. Whatever fails here is met again, and told, by the first use of it.
/// </summary>
internal sealed class HeadStart
{
    private readonly Dictionary<string, Task<KeyVaultSecret?>> _reads = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _connections = new(StringComparer.Ordinal);

    private HeadStart()
    {
    }

    /// <summary>Begins all of it.</summary>
    public static HeadStart Begin(Settings settings, FirstRead? vault, HttpClient juspay)
    {
        var begun = new HeadStart();
        if (!settings.RequireMerchant)
        {
            begun.Begin(settings.KeyVault.ApiKeySecretName, settings.Juspay.BaseUrl, vault, juspay);
        }

        foreach (var merchant in settings.Merchants)
        {
            begun.Begin(merchant.ApiKeySecretName, merchant.Juspay.BaseUrl, vault, juspay);
        }

        return begun;
    }

    /// <summary>The read of a secret that has begun; null if none has.</summary>
    public Task<KeyVaultSecret?>? Read(string name) => _reads.GetValueOrDefault(name);

    private void Begin(string apiKeySecretName, string baseUrl, FirstRead? vault, HttpClient juspay)
    {
        if (vault is not null && !_reads.ContainsKey(apiKeySecretName))
        {
            _reads.Add(apiKeySecretName, Task.Run(() => vault.TryReadAsync(apiKeySecretName)));
        }

        if (_connections.Add(baseUrl))
        {
            _ = Task.Run(() => JuspayClient.ConnectAsync(juspay, baseUrl));
        }
    }
}

using System.Security.Cryptography.X509Certificates;
using Azure.Security.KeyVault.Secrets;
using WalletFunctions.Juspay;
using WalletFunctions.Secrets;

namespace WalletFunctions;

/// <summary>
/// What a first delink would wait for, begun before anybody asks: the API keys while the host is still being put together, away from its thread;
/// then, beside the last of it, a connection to each Juspay. Whatever fails here is met again, and told, by the first use of it.
/// </summary>
internal sealed class HeadStart
{
    private readonly Dictionary<string, Task<KeyVaultSecret?>> _reads = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _baseUrls = new(StringComparer.Ordinal);
    private readonly Task _trustedRoots = Task.Run(LoadTrustedRoots);

    private HeadStart()
    {
    }

    /// <summary>Begins to read the keys, and that of the audit records' hashes.</summary>
    /// <param name="settings">Which, and where each Juspay is.</param>
    /// <param name="vault">Reads them; without it they are read later, by the Azure clients.</param>
    public static HeadStart Begin(Settings settings, FirstRead? vault)
    {
        var begun = new HeadStart();
        if (!settings.RequireMerchant)
        {
            begun._baseUrls.Add(settings.Juspay.BaseUrl);
            begun.BeginToRead(settings.KeyVault.ApiKeySecretName, vault);
        }

        foreach (var merchant in settings.Merchants)
        {
            begun._baseUrls.Add(merchant.Juspay.BaseUrl);
            begun.BeginToRead(merchant.ApiKeySecretName, vault);
        }

        if (settings.AuditHashSecretName is { } name)
        {
            begun.BeginToRead(name, vault);
        }

        return begun;
    }

    /// <summary>The read of a secret that has begun; null if none has.</summary>
    public Task<KeyVaultSecret?>? Read(string name) => _reads.GetValueOrDefault(name);

    /// <summary>Connects to each Juspay. Sooner it would take the processor from the host, later the first delink might wait for it.</summary>
    public async Task ConnectAsync(HttpClient juspay)
    {
        await _trustedRoots;
        await Task.WhenAll(_baseUrls.Select(baseUrl => JuspayClient.ConnectAsync(juspay, baseUrl)));
    }

    /// <summary>
    /// Reads the machine's trusted certificates into the runtime's cache, which is the largest part of the first TLS handshake. Handshakes wait for it: the
    /// runtime lets each one that begins before the cache is filled read all certificates again. Failures are ignored here: the first handshake reads them
    /// again and reports the failure. Source: OpenSslCachedSystemStoreProvider in https://github.com/dotnet/runtime.
    /// </summary>
    private static void LoadTrustedRoots()
    {
        try
        {
            using var roots = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
            roots.Open(OpenFlags.ReadOnly);
            foreach (var certificate in roots.Certificates)
            {
                certificate.Dispose();
            }
        }
        catch (Exception)
        {
            // See above.
        }
    }

    private void BeginToRead(string secretName, FirstRead? vault)
    {
        if (vault is not null && !_reads.ContainsKey(secretName))
        {
            _reads.Add(secretName, Task.Run(() => vault.TryReadAsync(secretName, _trustedRoots)));
        }
    }
}

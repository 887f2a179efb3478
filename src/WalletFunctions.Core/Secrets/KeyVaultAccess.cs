using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;

namespace WalletFunctions.Secrets;

/// <summary>How this app reaches Key Vault: with which client, and as whom.</summary>
internal static class KeyVaultAccess
{
    /// <summary>A client that gives up soon: <see cref="CachedSecret{T}"/> decides about trying again later.</summary>
    public static SecretClient CreateClient(KeyVaultOptions options, TokenCredential credential, HttpPipelineTransport transport) =>
        new(options.Uri, credential, Impatient(new SecretClientOptions { Transport = transport }));

    /// <summary>
    /// The managed identity where the platform offers one (App Service and Functions set <c>IDENTITY_ENDPOINT</c>) or where
    /// <c>AZURE_TOKEN_CREDENTIALS</c> asks for it; elsewhere the developer's own sign-in. Never a chain that probes in production.
    /// </summary>
    public static TokenCredential CreateCredential(IConfiguration configuration, HttpPipelineTransport transport)
    {
        var isOnPlatform = !string.IsNullOrEmpty(configuration["IDENTITY_ENDPOINT"]);
        var isAskedFor = string.Equals(configuration["AZURE_TOKEN_CREDENTIALS"], nameof(ManagedIdentityCredential), StringComparison.OrdinalIgnoreCase);
        if (!isOnPlatform && !isAskedFor)
        {
            return new ChainedTokenCredential(new AzureCliCredential(), new AzureDeveloperCliCredential());
        }

        var identity = configuration["AZURE_CLIENT_ID"] is { Length: > 0 } clientId
            ? ManagedIdentityId.FromUserAssignedClientId(clientId)
            : ManagedIdentityId.SystemAssigned;
        return new ManagedIdentityCredential(Impatient(new ManagedIdentityCredentialOptions(identity) { Transport = transport }));
    }

    private static T Impatient<T>(T options)
        where T : ClientOptions
    {
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(5);
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }
}

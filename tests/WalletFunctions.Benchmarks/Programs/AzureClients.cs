using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>How the key is read as the documentation has it: by a <see cref="SecretClient"/> and a <see cref="ManagedIdentityCredential"/>.</summary>
internal static class AzureClients
{
    public static async Task<string> ReadKeyAsync()
    {
        var transport = new HttpClientTransport(Elsewhere.Redirect(new SocketsHttpHandler()));
        var identity = ManagedIdentityId.FromUserAssignedClientId(Elsewhere.Variable("AZURE_CLIENT_ID"));
        var credential = new ManagedIdentityCredential(new ManagedIdentityCredentialOptions(identity) { Transport = transport });
        var vault = new SecretClient(new Uri(Elsewhere.VaultUri), credential, new SecretClientOptions { Transport = transport });
        return (await vault.GetSecretAsync("juspay-api-key")).Value.Value;
    }
}

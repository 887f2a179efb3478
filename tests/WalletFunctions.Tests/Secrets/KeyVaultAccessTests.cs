using Azure;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Secrets;

namespace WalletFunctions.Tests.Secrets;

/// <summary>The credential for reading Key Vault: a single one in production, never a chain that tries several.</summary>
public sealed class KeyVaultAccessTests
{
    [Theory]
    [InlineData("IDENTITY_ENDPOINT", "http://localhost/msi/token")]
    [InlineData("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")]
    [InlineData("AZURE_TOKEN_CREDENTIALS", "managedidentitycredential")]
    public void Credential_InAzure_IsTheManagedIdentityAlone(string name, string value)
    {
        Assert.IsType<ManagedIdentityCredential>(Create((name, value), ("AZURE_CLIENT_ID", Guid.NewGuid().ToString())));
        Assert.IsType<ManagedIdentityCredential>(Create((name, value), ("AZURE_CLIENT_ID", "")));
        Assert.IsType<ManagedIdentityCredential>(Create((name, value)));
    }

    [Theory]
    [InlineData("IDENTITY_ENDPOINT", "")]
    [InlineData("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000000")]
    public void Credential_Elsewhere_IsTheDevelopersOwn(string name, string value) => Assert.IsType<ChainedTokenCredential>(Create((name, value)));

    [Fact]
    public async Task Client_TellsKeyVaultNothingAboutThisMachine()
    {
        var sent = new FirstRequest();
        var options = new KeyVaultOptions
        {
            Uri = new Uri("https://my-vault.vault.azure.net"),
            ApiKeySecretName = "a-secret",
            WebhookSecretName = "another",
            RefreshInterval = TimeSpan.FromMinutes(30),
        };
        var client = KeyVaultAccess.CreateClient(options, new AzureCliCredential(), new HttpClientTransport(sent));

        await Assert.ThrowsAsync<RequestFailedException>(() => client.GetSecretAsync("a-secret"));

        Assert.Equal("/secrets/a-secret/", sent.Path);
        Assert.Equal("", sent.UserAgent);
    }

    private static Azure.Core.TokenCredential Create(params (string Name, string Value)[] settings) => KeyVaultAccess.CreateCredential(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value))).Build(),
        HttpClientTransport.Shared);

    private sealed class FirstRequest : HttpMessageHandler
    {
        public string? Path { get; private set; }

        public string? UserAgent { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Path = request.RequestUri!.AbsolutePath;
            UserAgent = request.Headers.UserAgent.ToString();
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.NotFound));
        }
    }
}

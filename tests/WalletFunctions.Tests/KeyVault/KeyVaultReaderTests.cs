using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.KeyVault;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.KeyVault;

/// <summary>The requests of an instance's first read, who repeats them after a failure, and the credential of every other read.</summary>
public sealed class KeyVaultReaderTests
{
    private static readonly Uri Vault = new($"https://{SimulatedKeyVault.Host}");

    [Fact]
    public async Task Start_AsksForATokenAndForTheSecretAndForNothingElse()
    {
        var (host, asked) = await StartAsync();
        await using (host)
        {
            Assert.Equal(200, (await host.DelinkAsync()).Status);

            var clientId = host.KeyVault.ClientId;
            Assert.Equal(
                [
                    $"http://{SimulatedKeyVault.IdentityHost}/msi/token?api-version=2019-08-01&resource=https://vault.azure.net&client_id={clientId}",
                    $"https://{SimulatedKeyVault.Host}/secrets/juspay-api-key?api-version=7.6",
                ],
                asked);
        }
    }

    [Theory]
    [InlineData(FaultTarget.Identity)]
    [InlineData(FaultTarget.KeyVault)]
    public async Task Start_WhatFails_IsAskedAgainByTheClient(FaultTarget target)
    {
        var (host, asked) = await StartAsync(new Fault { Target = target, Status = 400 });
        await using (host)
        {
            Assert.Equal(200, (await host.DelinkAsync()).Status);

            // The client uses the newest version of the API that it knows.
            Assert.Contains(asked, url => url.Contains("/secrets/", StringComparison.Ordinal) && !url.EndsWith("api-version=7.6", StringComparison.Ordinal));
            Assert.DoesNotContain(host.Transcript.Logs, line => line.Contains("secret_unavailable", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"value":"k"}""")]
    [InlineData("""{"value":"k","id":"juspay-api-key","attributes":{}}""")]
    [InlineData("""{"value":"k","id":"https://h/secrets/n/v","attributes":{"exp":"soon"}}""")]
    [InlineData("""{"value":7,"id":"https://h/secrets/n/v","attributes":{}}""")]
    [InlineData("""{"value":"k","id":"https://h/secrets/n/v","attributes":{"exp":99999999999999999}}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"value":"k","id":"https://h/secrets/n/v","attributes":{}}""", 203)]
    [InlineData("""{"value":"k","id":"https://h/secrets/n/v","attributes":{}}""", 403)]
    public async Task TryRead_WhatIsNoSecret_IsNothing(string body, int status = 200)
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var reader = Create(host, host.KeyVault.ClientId);
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = status, Body = body });

        Assert.Null(await reader.TryReadAsync("juspay-api-key"));
        Assert.Equal(host.RotateKey(), (await reader.TryReadAsync("juspay-api-key"))!.Properties.Version);
    }

    [Fact]
    public async Task TryRead_AsTheSystemsIdentity_NamesNoClientId()
    {
        await using var host = await TestHost.StartAsync();
        var asked = new ConcurrentQueue<string>();
        var reader = new KeyVaultReader(
            Vault, Configuration(("IDENTITY_ENDPOINT", Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT")), ("IDENTITY_HEADER", Environment.GetEnvironmentVariable("IDENTITY_HEADER"))),
            new KeyVaultHandler(new Listening(host.KeyVault.CreateHandler(), asked)), host.Time, Task.CompletedTask);

        await reader.TryReadAsync("juspay-api-key");

        Assert.Equal($"http://{SimulatedKeyVault.IdentityHost}/msi/token?api-version=2019-08-01&resource=https://vault.azure.net", Assert.Single(asked));
    }

    [Fact]
    public async Task TryRead_WithoutAToken_AsksKeyVaultNothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var reads = host.KeyVault.Reads;

        Assert.Null(await Create(host, clientId: null).TryReadAsync("juspay-api-key"));
        Assert.Equal(reads, host.KeyVault.Reads);
    }

    /// <summary>A handshake that starts too early would read all trusted certificates again.</summary>
    [Fact]
    public async Task TryRead_BeforeHandshakesMayBegin_AsksKeyVaultNothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var reads = host.KeyVault.Reads;
        var ready = new TaskCompletionSource();

        var read = Create(host, host.KeyVault.ClientId, ready.Task).TryReadAsync("juspay-api-key");
        // A later read takes as long as the first one would without the wait.
        Assert.NotNull(await Create(host, host.KeyVault.ClientId).TryReadAsync("juspay-api-key"));
        Assert.Equal(reads + 1, host.KeyVault.Reads);
        ready.SetResult();

        Assert.NotNull(await read);
    }

    [Theory]
    [InlineData(null, "h")]
    [InlineData("", "h")]
    [InlineData("here", "h")]
    [InlineData("http://169.254.0.1/token", null)]
    [InlineData("http://169.254.0.1/token", "")]
    public async Task TryRead_WithoutAnAnnouncedIdentity_SendsNothing(string? endpoint, string? header)
    {
        var handler = new KeyVaultHandler(new FirstRequest());
        var reader = new KeyVaultReader(
            Vault, Configuration(("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", header)), handler, TimeProvider.System, Task.CompletedTask);

        Assert.Null(await reader.TryReadAsync("juspay-api-key"));
        Assert.Null(((FirstRequest)handler.InnerHandler!).Path);
    }

    [Fact]
    public void AddWalletFunctions_HandlerByAFactory_IsRefused()
    {
        var services = new ServiceCollection().AddSingleton(_ => new KeyVaultHandler(new SocketsHttpHandler()));

        var exception = Assert.Throws<InvalidOperationException>(() => services.AddWalletFunctions(
            Configuration(("KeyVault:Uri", Vault.AbsoluteUri), ("Juspay:BaseUrl", "https://sandbox.juspay.in"))));

        Assert.Equal("Register an instance of KeyVaultHandler, not a factory.", exception.Message);
    }

    [Theory]
    [InlineData("IDENTITY_ENDPOINT", "http://localhost/msi/token")]
    [InlineData("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")]
    [InlineData("AZURE_TOKEN_CREDENTIALS", "managedidentitycredential")]
    public void Credential_InAzure_IsTheManagedIdentityAlone(string name, string value)
    {
        Assert.IsType<ManagedIdentityCredential>(Credential((name, value), ("AZURE_CLIENT_ID", Guid.NewGuid().ToString())));
        Assert.IsType<ManagedIdentityCredential>(Credential((name, value), ("AZURE_CLIENT_ID", "")));
        Assert.IsType<ManagedIdentityCredential>(Credential((name, value)));
    }

    [Theory]
    [InlineData("IDENTITY_ENDPOINT", "")]
    [InlineData("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000000")]
    public void Credential_Elsewhere_IsTheDevelopersOwn(string name, string value) => Assert.IsType<ChainedTokenCredential>(Credential((name, value)));

    /// <summary>The queue may have an identity of its own.</summary>
    [Theory]
    [InlineData("of-the-queue", "of-the-app", "of-the-queue")]
    [InlineData(null, "of-the-app", "of-the-app")]
    [InlineData("of-the-queue", null, "of-the-queue")]
    public async Task Credential_WithAClientIdOfItsOwn_AsksForThatIdentity(string? own, string? configured, string expected)
    {
        await using var host = await TestHost.StartAsync();
        var asked = new ConcurrentQueue<string>();
        var credential = KeyVaultReader.CreateCredential(
            Configuration(("IDENTITY_ENDPOINT", "announced"), ("AZURE_CLIENT_ID", configured)), new HttpClientTransport(new Listening(host.KeyVault.CreateHandler(), asked)), own);

        await Assert.ThrowsAnyAsync<Exception>(async () => await credential.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), default));

        Assert.Contains($"client_id={expected}", asked.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_SendsNoUserAgentToKeyVault()
    {
        var sent = new FirstRequest();
        var client = KeyVaultReader.CreateClient(new Uri("https://my-vault.vault.azure.net"), Configuration(), new HttpClientTransport(sent));

        await Assert.ThrowsAsync<RequestFailedException>(() => client.GetSecretAsync("a-secret"));

        Assert.Equal("/secrets/a-secret/", sent.Path);
        Assert.Equal("", sent.UserAgent);
    }

    private static TokenCredential Credential(params (string Name, string? Value)[] settings) =>
        KeyVaultReader.CreateCredential(Configuration(settings), HttpClientTransport.Shared);

    /// <summary>A token must not be sent to another address, and an answer must not change later requests.</summary>
    [Fact]
    public void Handler_FollowsNoRedirectAndKeepsNoCookie()
    {
        using var handler = KeyVaultHandler.Create();

        var sockets = Assert.IsType<SocketsHttpHandler>(handler.InnerHandler);
        Assert.False(sockets.AllowAutoRedirect || sockets.UseCookies);
    }

    private static KeyVaultReader Create(TestHost host, string? clientId, Task? tlsReady = null) => new(
        Vault,
        Configuration(
            ("IDENTITY_ENDPOINT", Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT")), ("IDENTITY_HEADER", Environment.GetEnvironmentVariable("IDENTITY_HEADER")),
            ("AZURE_CLIENT_ID", clientId)),
        new KeyVaultHandler(host.KeyVault.CreateHandler()), host.Time, tlsReady ?? Task.CompletedTask);

    private static IConfigurationRoot Configuration(params (string Name, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value)).Build();

    private static async Task<(TestHost Host, ConcurrentQueue<string> Asked)> StartAsync(params Fault[] faults)
    {
        var asked = new ConcurrentQueue<string>();
        var host = await TestHost.StartAsync(
            prepare: simulation => Array.ForEach(faults, simulation.Faults.Add),
            configure: (builder, simulation, _) =>
                builder.Services.AddSingleton(new KeyVaultHandler(new Listening(simulation.KeyVault!.CreateHandler(), asked))));
        return (host, asked);
    }

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

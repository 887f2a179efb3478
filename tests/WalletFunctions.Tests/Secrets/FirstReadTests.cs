using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Secrets;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Secrets;

/// <summary>The requests of a new instance before its first delink, and that the Azure client reads if these fail.</summary>
public sealed class FirstReadTests
{
    private static readonly KeyVaultOptions Options = new()
    {
        Uri = new Uri($"https://{SimulatedKeyVault.Host}"),
        ApiKeySecretName = "juspay-api-key",
        WebhookSecretName = "webhook-signing-secret",
        RefreshInterval = TimeSpan.FromMinutes(30),
    };

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

            // The client uses the newest API version that it supports.
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
    public async Task TryRead_WhatIsNoSecret_IsNothing(string body)
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var first = Begin(host, host.KeyVault.ClientId)!;
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 200, Body = body });

        Assert.Null(await first.TryReadAsync("juspay-api-key", Task.CompletedTask));
        Assert.Equal(host.RotateKey(), (await first.TryReadAsync("juspay-api-key", Task.CompletedTask))!.Properties.Version);
    }

    [Fact]
    public async Task TryRead_WithoutAToken_AsksKeyVaultNothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var reads = host.KeyVault.Reads;

        Assert.Null(await Begin(host, clientId: null)!.TryReadAsync("juspay-api-key", Task.CompletedTask));
        Assert.Equal(reads, host.KeyVault.Reads);
    }

    /// <summary>A handshake that starts too early reads all trusted certificates again.</summary>
    [Fact]
    public async Task TryRead_BeforeHandshakesMayBegin_AsksKeyVaultNothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var reads = host.KeyVault.Reads;
        var tokens = host.KeyVault.IssuedTokens.Count;
        var ready = new TaskCompletionSource();

        var read = Begin(host, host.KeyVault.ClientId)!.TryReadAsync("juspay-api-key", ready.Task);
        await TestHost.WaitUntilAsync(() => host.KeyVault.IssuedTokens.Count > tokens);
        Assert.False(read.IsCompleted);
        Assert.Equal(reads, host.KeyVault.Reads);
        ready.SetResult();

        Assert.NotNull(await read);
    }

    [Theory]
    [InlineData(null, "h")]
    [InlineData("", "h")]
    [InlineData("here", "h")]
    [InlineData("http://169.254.0.1/token", null)]
    [InlineData("http://169.254.0.1/token", "")]
    public void Begin_WhereNoIdentityIsAnnounced_IsNothing(string? endpoint, string? header) =>
        Assert.Null(FirstRead.Begin(new KeyVaultTransport(new SocketsHttpHandler()), Options, TimeProvider.System, Configuration(("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", header))));

    [Fact]
    public void AddWalletFunctions_ATransportByAFactory_IsRefused()
    {
        var services = new ServiceCollection().AddSingleton(_ => new KeyVaultTransport(new SocketsHttpHandler()));

        var exception = Assert.Throws<InvalidOperationException>(() => services.AddWalletFunctions(
            Configuration(("KeyVault:Uri", Options.Uri.AbsoluteUri), ("Juspay:BaseUrl", "https://sandbox.juspay.in"))));

        Assert.Equal("Register an instance of KeyVaultTransport, not a factory.", exception.Message);
    }

    private static FirstRead? Begin(TestHost host, string? clientId) => FirstRead.Begin(
        new KeyVaultTransport(host.KeyVault.CreateHandler()), Options, host.Time, Configuration(
            ("IDENTITY_ENDPOINT", Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT")), ("IDENTITY_HEADER", Environment.GetEnvironmentVariable("IDENTITY_HEADER")),
            ("AZURE_CLIENT_ID", clientId)));

    private static IConfigurationRoot Configuration(params (string Name, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value)).Build();

    private static async Task<(TestHost Host, ConcurrentQueue<string> Asked)> StartAsync(params Fault[] faults)
    {
        var asked = new ConcurrentQueue<string>();
        var host = await TestHost.StartAsync(
            prepare: simulation => Array.ForEach(faults, simulation.Faults.Add),
            configure: (builder, simulation, _) =>
                builder.Services.AddSingleton(new KeyVaultTransport(new Listening(simulation.KeyVault!.CreateHandler(), asked))));
        return (host, asked);
    }

    private sealed class Listening(HttpMessageHandler inner, ConcurrentQueue<string> asked) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Enqueue(request.RequestUri!.AbsoluteUri);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

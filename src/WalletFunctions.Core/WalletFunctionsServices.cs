using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;
using WalletFunctions.Secrets;
using WalletFunctions.Webhooks;

namespace WalletFunctions;

/// <summary>Puts Core together for a host.</summary>
public static class WalletFunctionsServices
{
    /// <summary>
    /// Adds the endpoints and everything behind them, and begins at once to read the API keys in the background. A host that has registered an
    /// instance of a <see cref="TimeProvider"/>, a <see cref="Random"/>, a <see cref="KeyVaultTransport"/> or a <see cref="SocketsHttpHandler"/> (to
    /// Juspay) before keeps its own.
    /// </summary>
    /// <exception cref="SettingsException">The configuration cannot be used.</exception>
    public static IServiceCollection AddWalletFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = Settings.Read(configuration);

        var time = Own(services, () => TimeProvider.System);
        var transport = Own(services, KeyVaultTransport.Create);
        services.TryAddSingleton(time);
#pragma warning disable RS0030 // This is where the process gets its one source of chance and its one client.
        services.TryAddSingleton(Random.Shared);
        var juspay = new HttpClient(Own(services, JuspayClient.CreateHandler)) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
        services.AddSingleton(HeadStart.Begin(settings, FirstRead.Begin(transport, settings.KeyVault, time, configuration)));

        // By a factory, so that it is disposed of with the host.
        services.AddSingleton(_ => juspay);
        services.AddSingleton(_ => KeyVaultAccess.CreateCredential(configuration, new HttpClientTransport(transport.Client)));
        services.AddSingleton(provider => KeyVaultAccess.CreateClient(
            settings.KeyVault, provider.GetRequiredService<TokenCredential>(), new HttpClientTransport(transport.Client)));
        services.AddSingleton(provider => CreateMerchants(settings, provider));
        services.AddHostedService<ApiKeyRefresh>();

        services.AddSingleton(provider => new AuditHash(
            settings.AuditHashSecretName is { } name ? CreateSecret<AuditHashKey>(settings, provider, name, AuditHashKey.TryParse) : null));
        services.AddSingleton<DelinkAudit>();
        services.AddSingleton<RequestRunner>();
        services.AddSingleton(settings.Webhooks);
        services.AddSingleton<WalletEndpoint>();
        services.AddSingleton<CustomerEndpoint>();
        services.AddSingleton<WebhookEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        return services;
    }

    /// <summary>The host's own instance, or ours. It is needed at once, when no factory can be asked yet.</summary>
    private static T Own<T>(IServiceCollection services, Func<T> otherwise)
        where T : class => services.LastOrDefault(service => service.ServiceType == typeof(T)) is { } registered
            ? (T?)registered.ImplementationInstance ?? throw new InvalidOperationException($"Register an instance of {typeof(T).Name}, not a factory.")
            : otherwise();

    private static MerchantDirectory CreateMerchants(Settings settings, IServiceProvider provider)
    {
        var http = provider.GetRequiredService<HttpClient>();
        var time = provider.GetRequiredService<TimeProvider>();
        var random = provider.GetRequiredService<Random>();
        var audit = provider.GetRequiredService<DelinkAudit>();
        return new MerchantDirectory(
            Create(name: null, settings.Juspay, settings.KeyVault.ApiKeySecretName, settings.KeyVault.WebhookSecretName),
            settings.Merchants.Select(merchant => Create(merchant.Name, merchant.Juspay, merchant.ApiKeySecretName, merchant.WebhookSecretName)),
            settings.RequireMerchant);

        Merchant Create(string? name, JuspayOptions options, string apiKeySecretName, string? webhookSecretName)
        {
            var apiKey = Secret<JuspayApiKey>(apiKeySecretName, JuspayApiKey.TryParse);
            var juspay = new JuspayClient(options, http, time);
            var terms = new JuspaySession.Terms(apiKey, options.MaxAttempts, time, random);
            var wallets = new WalletDelinker(juspay, terms, options.TotalTimeout);
            return new Merchant(
                name,
                apiKey,
                webhookSecretName is null ? null : Secret<WebhookSecrets>(webhookSecretName, WebhookSecrets.TryParse),
                wallets,
                new CustomerDelinker(juspay, terms, wallets, audit, options.CustomerTimeout));
        }

        CachedSecret<T> Secret<T>(string name, SecretParser<T> parse)
            where T : class, IEquatable<T> => CreateSecret(settings, provider, name, parse);
    }

    private static CachedSecret<T> CreateSecret<T>(Settings settings, IServiceProvider provider, string name, SecretParser<T> parse)
        where T : class, IEquatable<T> => new(
            provider.GetRequiredService<SecretClient>, name, parse, settings.KeyVault.RefreshInterval, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CachedSecret<T>>>(), provider.GetRequiredService<HeadStart>().Read(name));

    private sealed class ApiKeyRefresh(MerchantDirectory merchants, AuditHash auditHash, HeadStart headStart, HttpClient juspay) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        [
            headStart.ConnectAsync(juspay),
            auditHash.KeepFreshAsync(stoppingToken),
            .. merchants.All.Select(merchant => merchant.ApiKey.KeepFreshAsync(stoppingToken)),
        ]);
    }
}

using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
    /// Adds the endpoints and everything behind them, and starts reading the API keys in the background when the host starts. A host that
    /// has registered a <see cref="TimeProvider"/>, a <see cref="Random"/>, a <see cref="HttpPipelineTransport"/> (to Key Vault and the
    /// identity endpoint) or a <see cref="SocketsHttpHandler"/> (to Juspay) before keeps its own.
    /// </summary>
    /// <exception cref="SettingsException">The configuration cannot be used.</exception>
    public static IServiceCollection AddWalletFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = Settings.Read(configuration);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HttpPipelineTransport>(_ => HttpClientTransport.Shared);
        services.TryAddSingleton(_ => JuspayClient.CreateHandler());
#pragma warning disable RS0030 // This is where the process gets its one source of chance and its one client.
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton(provider => new HttpClient(provider.GetRequiredService<SocketsHttpHandler>()) { Timeout = Timeout.InfiniteTimeSpan });
#pragma warning restore RS0030

        services.AddSingleton<TokenCredential>(provider =>
            KeyVaultAccess.CreateCredential(configuration, provider.GetRequiredService<HttpPipelineTransport>()));
        services.AddSingleton(provider => KeyVaultAccess.CreateClient(
            settings.KeyVault, provider.GetRequiredService<TokenCredential>(), provider.GetRequiredService<HttpPipelineTransport>()));
        services.AddSingleton(provider => CreateMerchants(settings, provider));
        services.AddHostedService(provider => new WarmUp(settings, provider));

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

        Merchant Create(string? name, JuspayOptions options, string apiKeySecretName, string webhookSecretName)
        {
            var apiKey = Secret<JuspayApiKey>(apiKeySecretName, JuspayApiKey.TryParse);
            var juspay = new JuspayClient(options, http, time);
            var terms = new JuspaySession.Terms(apiKey, options.MaxAttempts, time, random);
            var wallets = new WalletDelinker(juspay, terms, options.TotalTimeout);
            return new Merchant(
                name,
                apiKey,
                Secret<WebhookSecrets>(webhookSecretName, WebhookSecrets.TryParse),
                wallets,
                new CustomerDelinker(juspay, terms, wallets, audit, options.CustomerTimeout));
        }

        CachedSecret<T> Secret<T>(string name, SecretParser<T> parse)
            where T : class, IEquatable<T> => CreateSecret(settings, provider, name, parse);
    }

    private static CachedSecret<T> CreateSecret<T>(Settings settings, IServiceProvider provider, string name, SecretParser<T> parse)
        where T : class, IEquatable<T> => new(
            provider.GetRequiredService<SecretClient>(), name, parse, settings.KeyVault.RefreshInterval, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CachedSecret<T>>>());
}

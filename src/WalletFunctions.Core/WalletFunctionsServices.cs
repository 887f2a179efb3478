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
using WalletFunctions.Secrets;

namespace WalletFunctions;

/// <summary>Puts Core together for a host.</summary>
public static class WalletFunctionsServices
{
    /// <summary>
    /// Adds the endpoints and everything behind them, and starts reading the API key in the background when the host starts. A host that has registered a
    /// <see cref="TimeProvider"/>, a <see cref="Random"/>, a <see cref="HttpPipelineTransport"/> (to Key Vault and the identity endpoint) or a
    /// <see cref="SocketsHttpHandler"/> (to Juspay) before keeps its own.
    /// </summary>
    /// <exception cref="SettingsException">The configuration cannot be used.</exception>
    public static IServiceCollection AddWalletFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = Settings.Read(configuration);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<HttpPipelineTransport>(_ => HttpClientTransport.Shared);
        services.TryAddSingleton(_ => JuspayClient.CreateHandler());

        services.AddSingleton(settings.Juspay);
        services.AddSingleton(provider => new JuspayClient(
            settings.Juspay, provider.GetRequiredService<SocketsHttpHandler>(), provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<TokenCredential>(provider =>
            KeyVaultAccess.CreateCredential(configuration, provider.GetRequiredService<HttpPipelineTransport>()));
        services.AddSingleton(provider => KeyVaultAccess.CreateClient(
            settings.KeyVault, provider.GetRequiredService<TokenCredential>(), provider.GetRequiredService<HttpPipelineTransport>()));
        services.AddSingleton(provider => new CachedSecret<JuspayApiKey>(
            provider.GetRequiredService<SecretClient>(),
            settings.KeyVault.ApiKeySecretName,
            JuspayApiKey.TryParse,
            settings.KeyVault.RefreshInterval,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CachedSecret<JuspayApiKey>>>()));
        services.AddHostedService<ApiKeyRefresh>();

        services.AddSingleton<WalletDelinker>();
        services.AddSingleton<DelinkAudit>();
        services.AddSingleton<DelinkEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        return services;
    }

    private sealed class ApiKeyRefresh(CachedSecret<JuspayApiKey> apiKey) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => apiKey.KeepFreshAsync(stoppingToken);
    }
}

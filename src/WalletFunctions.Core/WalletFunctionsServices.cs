using System.Diagnostics.CodeAnalysis;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Http;
using WalletFunctions.Intake;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Merchants;
using WalletFunctions.Queue;
using WalletFunctions.Webhooks;

namespace WalletFunctions;

/// <summary>Registers Core with a host.</summary>
internal static class WalletFunctionsServices
{
    /// <summary>
    /// Adds the endpoints and their dependencies, and starts to read the API keys in the background. A host may register its own instance of
    /// <see cref="TimeProvider"/>, <see cref="Random"/>, <see cref="KeyVaultHandler"/> or <see cref="SocketsHttpHandler"/> (to Juspay) before.
    /// </summary>
    /// <exception cref="SettingsException">The configuration cannot be used.</exception>
    public static IServiceCollection AddWalletFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = Settings.Read(configuration);
        var tlsReady = Warmup.ReadTrustedRootsAsync();
        var time = RegisteredInstance<TimeProvider>(services) ?? TimeProvider.System;
        var handler = RegisteredInstance<KeyVaultHandler>(services) ?? KeyVaultHandler.Create();
        var vault = new KeyVaultReader(settings.KeyVault.Uri, configuration, handler, time, tlsReady);
        vault.StartFirstReads(SecretsOfFirstDelink(settings));

#pragma warning disable RS0030 // The process gets its only source of randomness and its only client to Juspay here.
        services.TryAddSingleton(Random.Shared);
        var juspay = new HttpClient(RegisteredInstance<SocketsHttpHandler>(services) ?? JuspayClient.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
        services.TryAddSingleton(time);

        // Registered by a factory, so that the container disposes of it.
        services.AddSingleton(_ => juspay);
        services.AddSingleton(vault);
        // The app's identity for the export of telemetry. It is created when a token is first needed.
        services.AddSingleton(_ => KeyVaultReader.CreateCredential(configuration, new HttpClientTransport(handler)));
        services.AddSingleton(provider => CreateMerchants(settings, provider));
        services.AddSingleton(provider => CreateWebhookRoutes(settings, provider));
        services.AddSingleton(provider => new AuditHash(
            settings.AuditHashSecretName is { } name ? CreateSecret<AuditHashKey>(settings, provider, name, AuditHashKey.TryParse) : null));
        services.AddHostedService(provider => new StartupWork(
            provider.GetRequiredService<MerchantDirectory>(), provider.GetRequiredService<AuditHash>(), juspay, AddressesOfJuspay(settings), tlsReady));

        services.AddSingleton<DelinkAudit>();
        services.AddSingleton<RequestRunner>();
        var queue = settings.Intake is { } intake ? new IntakeQueue(intake, configuration, time) : null;
        if (queue is not null)
        {
            services.AddSingleton(queue);
            services.AddSingleton(settings.Intake!);
            services.AddSingleton<IntakeProcessor>();
            services.AddSingleton(provider => new QueueEndpoint(provider.GetRequiredService<IntakeProcessor>()));
        }

        services.AddSingleton(provider => new AsyncDelinks(queue, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new WalletEndpoint(
            provider.GetRequiredService<MerchantDirectory>(), provider.GetRequiredService<RequestRunner>(), provider.GetRequiredService<AsyncDelinks>()));
        services.AddSingleton(provider => new CustomerEndpoint(
            provider.GetRequiredService<MerchantDirectory>(), provider.GetRequiredService<RequestRunner>(), provider.GetRequiredService<AsyncDelinks>()));
        services.AddSingleton(provider => new HealthEndpoint(provider.GetRequiredService<MerchantDirectory>()));
        services.AddSingleton(provider => new WebhookEndpoint(
            provider.GetRequiredService<WebhookRoutes>(), queue, provider.GetRequiredService<RequestRunner>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WebhookEndpoint>>()));
        return services;
    }

    /// <summary>The host's own instance, which is needed before the container exists.</summary>
    private static T? RegisteredInstance<T>(IServiceCollection services)
        where T : class => services.LastOrDefault(service => service.ServiceType == typeof(T)) is { } registered
            ? (T?)registered.ImplementationInstance ?? throw new InvalidOperationException($"Register an instance of {typeof(T).Name}, not a factory.")
            : null;

    private static IEnumerable<string> SecretsOfFirstDelink(Settings settings) =>
        ((string?[])[settings.RequireMerchant ? null : settings.KeyVault.ApiKeySecretName, settings.AuditHashSecretName]).OfType<string>()
            .Concat(settings.Merchants.Select(merchant => merchant.ApiKeySecretName));

    private static IEnumerable<string> AddressesOfJuspay(Settings settings) =>
        settings.Merchants.Select(merchant => merchant.Juspay).Concat(settings.RequireMerchant ? [] : [settings.Juspay])
            .Select(juspay => juspay.BaseUrl).Distinct(StringComparer.Ordinal);

    private static MerchantDirectory CreateMerchants(Settings settings, IServiceProvider provider)
    {
        var http = provider.GetRequiredService<HttpClient>();
        var time = provider.GetRequiredService<TimeProvider>();
        var random = provider.GetRequiredService<Random>();
        var audit = provider.GetRequiredService<DelinkAudit>();
        return new MerchantDirectory(
            Create(name: null, settings.Juspay, settings.KeyVault.ApiKeySecretName),
            settings.Merchants.Select(merchant => Create(merchant.Name, merchant.Juspay, merchant.ApiKeySecretName)),
            settings.RequireMerchant);

        Merchant Create(string? name, JuspayOptions options, string apiKeySecretName)
        {
            // One for each merchant, even if they name the same secret: the pause after a refused key must not delay the rotation of another merchant.
            var apiKey = CreateSecret<JuspayApiKey>(settings, provider, apiKeySecretName, JuspayApiKey.TryParse);
            var juspay = new JuspayClient(options, http, time);
            var sessions = new JuspaySessions(apiKey, options.MaxAttempts, time, random);
            var wallets = new WalletDelinker(juspay, sessions, options.TotalTimeout);
            return new Merchant(name, apiKey, wallets, new CustomerDelinker(juspay, sessions, wallets, audit, options.CustomerTimeout));
        }
    }

    /// <summary>Creates the routes of the top level, of merchants with a webhook secret, and of senders.</summary>
    private static WebhookRoutes CreateWebhookRoutes(Settings settings, IServiceProvider provider)
    {
        var merchants = provider.GetRequiredService<MerchantDirectory>();
        var own = WebhookSender.Own with { Format = settings.OwnEvents };
        var routes = settings.Merchants.Where(merchant => merchant.WebhookSecretName is not null)
            .Select(merchant => Create(merchant.Name, own, merchant.Name, merchant.WebhookSecretName!))
            .Concat(settings.Senders.Select(sender => Create(sender.Name, sender.Sender, sender.Merchant, sender.SecretName)));
        return new WebhookRoutes(settings.RequireMerchant
            ? [.. routes]
            : [Create(name: null, own, merchant: null, settings.KeyVault.WebhookSecretName), .. routes]);

        WebhookRoute Create(string? name, WebhookSender sender, string? merchant, string secretName) => new(
            name, sender, merchants.Find(merchant)!, CreateSecret<WebhookSecrets>(
                settings,
                provider,
                secretName,
                (string stored, [NotNullWhen(true)] out WebhookSecrets? secrets, [NotNullWhen(false)] out string? problem) =>
                    WebhookSecrets.TryParse(stored, sender.Scheme.SecretEncoding, out secrets, out problem)));
    }

    private static CachedSecret<T> CreateSecret<T>(Settings settings, IServiceProvider provider, string name, SecretParser<T> parse)
        where T : class, IEquatable<T> => new(
            provider.GetRequiredService<KeyVaultReader>().ReaderOf(name), name, parse, settings.KeyVault.RefreshInterval,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CachedSecret<T>>>());

    /// <summary>Connects to Juspay, and keeps the secrets of delinks in memory and up to date.</summary>
    private sealed class StartupWork(
        MerchantDirectory merchants, AuditHash auditHash, HttpClient juspay, IEnumerable<string> addresses, Task tlsReady) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        [
            ConnectAsync(),
            auditHash.KeepFreshAsync(stoppingToken),
            .. merchants.All.Select(merchant => merchant.ApiKey.KeepFreshAsync(stoppingToken)),
        ]);

        private async Task ConnectAsync()
        {
            await tlsReady;
            await Task.WhenAll(addresses.Select(address => Warmup.ConnectAsync(juspay, address)));
        }
    }
}

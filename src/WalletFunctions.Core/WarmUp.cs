using Azure.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Merchants;
using WalletFunctions.Secrets;

namespace WalletFunctions;

/// <summary>
/// What a first delink would wait for, begun before the host's own services start and away from their thread: the token, the API keys and, beside
/// them, a connection to each Juspay. Then it keeps the keys fresh.
/// </summary>
internal sealed class WarmUp(Settings settings, IServiceProvider provider) : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => base.StartAsync(cancellationToken);

    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var token = Task.Run(
            () => KeyVaultAccess.GetTokenAheadAsync(provider.GetRequiredService<TokenCredential>(), settings.KeyVault, stoppingToken), stoppingToken);
        var connections = Task.Run(() => ConnectAsync(provider.GetRequiredService<HttpClient>()), stoppingToken);
        var apiKeys = provider.GetRequiredService<MerchantDirectory>().All.Select(merchant => merchant.ApiKey.KeepFreshAsync(stoppingToken));
        await Task.WhenAll([token, connections, .. apiKeys, provider.GetRequiredService<AuditHash>().KeepFreshAsync(stoppingToken)]);
    }

    private Task ConnectAsync(HttpClient http)
    {
        var baseUrls = settings.Merchants.Select(merchant => merchant.Juspay.BaseUrl);
        return Task.WhenAll((settings.RequireMerchant ? baseUrls : baseUrls.Prepend(settings.Juspay.BaseUrl))
            .Distinct(StringComparer.Ordinal)
            .Select(baseUrl => JuspayClient.ConnectAsync(http, baseUrl)));
    }
}

using System.Runtime.CompilerServices;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace WalletFunctions;

/// <summary>
/// Exports Core's spans and metrics through OpenTelemetry. A project of its own, so that Core depends on nothing of it, and so that it is
/// built and tested where the Functions app cannot be.
/// </summary>
public static class TelemetryExport
{
    internal const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    internal const string Otlp = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Exports to Azure Monitor where <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is set, and over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>
    /// is; its further variables (<c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>OTEL_SERVICE_NAME</c> and so on) mean what OpenTelemetry says. With
    /// neither, no assembly of OpenTelemetry is loaded. The log is not exported: the Functions host takes it from its worker.
    /// </summary>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        if (!string.IsNullOrWhiteSpace(configuration[AzureMonitor]) || !string.IsNullOrWhiteSpace(configuration[Otlp]))
        {
            AddExporter(services, configuration);
        }

        return services;
    }

    // What this method names is loaded when it is compiled, which is when it is called: so it is not part of the one above.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddExporter(IServiceCollection services, IConfiguration configuration) =>
        services.AddHostedService(provider => new TelemetryExporter(
            configuration, provider.GetRequiredService<TokenCredential>, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TelemetryExporter>>()));
}

/// <summary>The exporters' life: set up after the first delink or a few seconds, with what was measured until then, and flushed when the host stops.</summary>
/// <param name="configuration">The settings of the exporters.</param>
/// <param name="credential">Makes the credential for Application Insights. It is called when a token is first needed.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class TelemetryExporter(
    IConfiguration configuration, Func<TokenCredential> credential, TimeProvider time, ILogger<TelemetryExporter> logger) : BackgroundService
{
    /// <summary>How long after the start the export begins where no delink has arrived.</summary>
    internal static readonly TimeSpan WithoutDelink = TimeSpan.FromSeconds(5);

    /// <summary>How long after the first delink has ended the export begins, so that its answer is on its way.</summary>
    internal static readonly TimeSpan AfterFirstDelink = TimeSpan.FromMilliseconds(500);

    private const string HttpMeter = "System.Net.Http";

    private readonly string? _connectionString = Setting(configuration, TelemetryExport.AzureMonitor);
    private readonly bool _exportsOtlp = Setting(configuration, TelemetryExport.Otlp) is not null;

    private readonly TaskCompletionSource _exporting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // From the construction on, which is before the host takes requests.
    private readonly EarlyTelemetry _early = new();

    /// <summary>Done once the exporters are set up.</summary>
    internal Task Exporting => _exporting.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var early = _early;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stoppingToken.Register(stopped.SetResult);
        await WaitForFirstDelinkAsync(stoppingToken);
        try
        {
            // Between the start of an exporter and the replay, some microseconds, a span or measurement may be counted twice.
            using var tracing = Trace();
            early.ReplaySpans();
            using var metrics = Measure();
            early.ReplayMeasurements();
            _exporting.SetResult();
            await stopped.Task;
        }
        // A setting of the telemetry that cannot be used must not stop delinks. The exception's message may repeat the setting, so it is not logged.
        catch (Exception exception)
        {
            LogNotExported(exception.GetType().Name);
        }
    }

    private async Task WaitForFirstDelinkAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _early.FirstDelink.WaitAsync(WithoutDelink, time, stoppingToken);
            await Task.Delay(AfterFirstDelink, time, stoppingToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // No delink came, or the host stops: what was kept is exported all the same.
        }
    }

    private static string? Setting(IConfiguration configuration, string name) =>
        string.IsNullOrWhiteSpace(configuration[name]) ? null : configuration[name];

    private TracerProvider Trace()
    {
        var builder = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(Describe)
            .AddSource(Telemetry.Name);
        if (_connectionString is not null)
        {
            builder.AddAzureMonitorTraceExporter(Configure);
        }

        if (_exportsOtlp)
        {
            builder.AddOtlpExporter();
        }

        // Every span is kept, also where the caller does not sample its own: spans are cheap compared with an unexplained failure.
        return (Setting(configuration, "OTEL_TRACES_SAMPLER") is null ? builder.SetSampler(new AlwaysOnSampler()) : builder).Build();
    }

    private MeterProvider Measure()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(Describe)
            // By the same conventions as our spans, and without a URL. The rest of that meter is of no use here.
            .AddMeter(Telemetry.Name, HttpMeter)
            .AddView(metric => metric.Meter.Name is HttpMeter && metric.Name is not "http.client.request.duration" ? MetricStreamConfiguration.Drop : null);
        if (_connectionString is not null)
        {
            builder.AddAzureMonitorMetricExporter(Configure);
        }

        if (_exportsOtlp)
        {
            builder.AddOtlpExporter();
        }

        return builder.Build();
    }

    private void Configure(AzureMonitorExporterOptions options)
    {
        options.ConnectionString = _connectionString;
        options.DisableOfflineStorage = true;
        // What the Functions host measures already, and what costs a row a minute for as long as an instance is idle.
        options.EnableLiveMetrics = false;
        options.EnablePerformanceCounters = false;
        if (configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) is true)
        {
            options.Credential = new DeferredCredential(credential);
        }
    }

    /// <summary>Who speaks. The environment's <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> have the last word.</summary>
    private void Describe(ResourceBuilder resource)
    {
        resource.AddService(
            Setting(configuration, "OTEL_SERVICE_NAME") ?? Setting(configuration, "WEBSITE_SITE_NAME") ?? "walletfunctions",
            serviceVersion: ProductVersion.Text,
            serviceInstanceId: Setting(configuration, "WEBSITE_INSTANCE_ID") ?? Environment.MachineName);
    }

    /// <summary>Makes the credential when a token is first needed, since loading it takes long.</summary>
    private sealed class DeferredCredential(Func<TokenCredential> create) : TokenCredential
    {
        private readonly Lazy<TokenCredential> _credential = new(create);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            _credential.Value.GetToken(requestContext, cancellationToken);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            _credential.Value.GetTokenAsync(requestContext, cancellationToken);
    }

    [System.ComponentModel.Description("spans and metrics are not exported, since a setting of the telemetry cannot be used")]
    [LoggerMessage(EventId = 401, EventName = "TelemetryUnavailable", Level = LogLevel.Error, Message = "telemetry_unavailable exception={Exception}")]
    private partial void LogNotExported(string exception);
}

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
/// Exports Core's spans and metrics through OpenTelemetry. It is a separate project so that Core does not depend on OpenTelemetry, and so that the export is
/// built and tested where the Functions app cannot be.
/// </summary>
public static class TelemetryExport
{
    internal const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    internal const string Otlp = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Exports to Azure Monitor if <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is set, and over OTLP if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// OpenTelemetry's other variables (<c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>OTEL_SERVICE_NAME</c> and so on) have their documented meaning. If neither
    /// setting is present, no assembly of OpenTelemetry is loaded. Logs are not exported, because the Functions host already collects the log lines of an
    /// invocation and the worker's standard output.
    /// </summary>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        if (!string.IsNullOrWhiteSpace(configuration[AzureMonitor]) || !string.IsNullOrWhiteSpace(configuration[Otlp]))
        {
            AddExporter(services, configuration);
        }

        return services;
    }

    // The runtime loads the types that a method uses when it compiles the method. In a separate method they are loaded only if this is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddExporter(IServiceCollection services, IConfiguration configuration) =>
        services.AddHostedService(provider => new TelemetryExporter(
            configuration, provider.GetRequiredService<TokenCredential>, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TelemetryExporter>>()));
}

/// <summary>
/// Sets up the exporters after the first delink, or <see cref="WithoutDelink"/> after the start; hands them what was recorded until then, and flushes them when
/// the host stops.
/// </summary>
/// <param name="configuration">The settings of the exporters.</param>
/// <param name="credential">Creates the credential for Application Insights. Called when a token is first needed.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class TelemetryExporter(
    IConfiguration configuration, Func<TokenCredential> credential, TimeProvider time, ILogger<TelemetryExporter> logger) : BackgroundService
{
    /// <summary>Time after the start at which the export begins if no delink has arrived.</summary>
    internal static readonly TimeSpan WithoutDelink = TimeSpan.FromSeconds(5);

    /// <summary>Time between the end of the first delink and the start of the export, so that the delink's answer is sent first.</summary>
    internal static readonly TimeSpan AfterFirstDelink = TimeSpan.FromMilliseconds(500);

    private const string HttpMeter = "System.Net.Http";

    private readonly string? _connectionString = Setting(configuration, TelemetryExport.AzureMonitor);
    private readonly bool _exportsOtlp = Setting(configuration, TelemetryExport.Otlp) is not null;

    private readonly TaskCompletionSource _exporting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Created with this object, before the host accepts requests, so that no span or measurement is missed.
    private readonly EarlyTelemetry _early = new();

    /// <summary>Completes when the exporters are set up.</summary>
    internal Task Exporting => _exporting.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var early = _early;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stoppingToken.Register(stopped.SetResult);
        await WaitForFirstDelinkAsync(stoppingToken);
        try
        {
            // A span or measurement recorded in the microseconds between the start of an exporter and the replay may be exported twice.
            using var tracing = Trace();
            early.ReplaySpans();
            using var metrics = Measure();
            early.ReplayMeasurements();
            _exporting.SetResult();
            await stopped.Task;
        }
        // An unusable telemetry setting must not stop delinks. The exception's message may repeat the setting, so it is not logged.
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
            // No delink arrived in time, or the host is stopping. Continue, so that what was kept is exported.
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

        // Every span is kept, even if the caller's trace is not sampled: spans are cheap compared with an unexplained failure.
        return (Setting(configuration, "OTEL_TRACES_SAMPLER") is null ? builder.SetSampler(new AlwaysOnSampler()) : builder).Build();
    }

    private MeterProvider Measure()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .ConfigureResource(Describe)
            // HttpClient's request durations follow the same conventions as Core's spans and contain no URL. Its other metrics are dropped as unneeded.
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
        // The Functions host already measures these, and performance counters would add rows every minute while an instance is idle.
        options.EnableLiveMetrics = false;
        options.EnablePerformanceCounters = false;
        if (configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) is true)
        {
            options.Credential = new DeferredCredential(credential);
        }
    }

    /// <summary>Names the service. <c>OTEL_SERVICE_NAME</c> takes precedence over the app's name; <c>OTEL_RESOURCE_ATTRIBUTES</c> adds attributes.</summary>
    private void Describe(ResourceBuilder resource)
    {
        resource.AddService(
            Setting(configuration, "OTEL_SERVICE_NAME") ?? Setting(configuration, "WEBSITE_SITE_NAME") ?? "walletfunctions",
            serviceVersion: ProductVersion.Text,
            serviceInstanceId: Setting(configuration, "WEBSITE_INSTANCE_ID") ?? Environment.MachineName);
    }

    /// <summary>Creates the credential when a token is first needed, because loading its assembly is slow.</summary>
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

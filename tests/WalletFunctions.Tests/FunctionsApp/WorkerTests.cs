using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>How the worker process of the Functions app starts, logs, exports telemetry and ends.</summary>
public sealed class WorkerTests
{
    private const int Callers = 50;

    [SkippableFact]
    public async Task Start_WithSettingsThatCannotBeUsed_EndsWithOneMessageThatNamesThemAll()
    {
        var ended = await Assert.ThrowsAsync<WorkerEndedException>(() => FunctionsTestHost.StartAsync(["--Juspay:BaseUrl=http://juspay.example", "--KeyVault:RefreshInterval=never"]));

        Assert.Equal(1, ended.ExitCode);
        var line = Assert.Single(ended.Printed);
        // The host logs a line of standard error as an error only if it contains a word such as this.
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.All(["Juspay:BaseUrl", "KeyVault:RefreshInterval"], name => Assert.Contains(name, line, StringComparison.Ordinal));
    }

    /// <summary>Alerts and audits count these lines, so none may be lost and none may arrive twice.</summary>
    [SkippableFact]
    public async Task EveryEvent_ReachesTheHostsLogOnce()
    {
        await using var host = await FunctionsTestHost.StartAsync(
            ["--APPLICATIONINSIGHTS_CONNECTION_STRING=unusable"],
            simulation =>
            {
                simulation.StoreSecret(simulation.ApiKey, enabled: true, expiresOn: TimeProvider.System.GetUtcNow().AddDays(-1));
                // Key Vault is down for the first read and its repetitions only.
                simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = 4 });
            });
        await WaitForAsync(host, "secret_unavailable name=juspay-api-key");
        await WaitForAsync(host, "secret_held name=juspay-api-key");
        await WaitForAsync(host, "telemetry_unavailable");

        // An invocation starts the read of this secret, but the read must not be logged as part of the invocation.
        await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"nobody"}}""");
        await WaitForAsync(host, "secret_held name=webhook-signing-secret");
        // The worker sends its messages in order, so with this answer all earlier lines have arrived.
        await host.DelinkCustomerAsync();

        Assert.Equal(
            [
                // internal_error needs a bug, which the published app does not have. The two about events need the queue.
                "delink_audit 2", "event_abandoned 0", "event_too_old 0", "event_unreadable 0", "internal_error 0", "nothing_to_delink 1", "secret_expired 1", "secret_held 2", "secret_unavailable 1", "telemetry_unavailable 1",
                "wallet_audit 2",
            ],
            Declared().Order(StringComparer.Ordinal).Select(name => $"{name} {host.Transcript.Logs.Count(line => line.Contains($" {name} ", StringComparison.Ordinal))}"));
        // Queries look for the event's name at the start of the line.
        Assert.Equal(5, host.Transcript.Logs.Count(line => Regex.IsMatch(line, $"^Information {HostLogLine.ConsoleCategory} (secret_|telemetry_)")));
    }

    [SkippableFact]
    public async Task Export_SendsSpansAndMetricsOnce()
    {
        await using var collector = await Collector.StartAsync();
        await using var host = await FunctionsTestHost.StartAsync(
        [
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_SERVICE_NAME=the-name", "--OTEL_BSP_SCHEDULE_DELAY=50",
            $"--APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={collector.Url}",
        ]);
        // The export starts some time after the worker has started.
        while (collector.Received.Count is 0)
        {
            await host.DelinkAsync("wlt_ofNobody");
        }

        var trace = (await host.DelinkAsync("wlt_ofNobody")).Member("traceId")!.Value.GetString()!;
        Assert.Equal(0, await host.Host.StopAsync());

        var spans = collector.Received.Where(sent => sent.Path is "/v2.1/track").SelectMany(sent => sent.Body.Split('\n')).Where(row => row.Contains(trace, StringComparison.Ordinal));
        // Azure Monitor derives the name of the second span from its URL.
        Assert.Equal(["POST /wallets/REDACTED", "delink"], spans.Select(row => JsonNode.Parse(row)!["data"]!["baseData"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(["/v1/traces", "/v1/metrics"], path => Assert.Contains(collector.Received, sent => sent.Path == path && sent.Body.Contains("the-name", StringComparison.Ordinal)));
        Assert.Contains(collector.Received, sent => sent.Body.Contains("walletfunctions.delink.count", StringComparison.Ordinal));
        Assert.All(collector.Received, sent => Assert.All(["wlt_ofNobody", TestHost.Customer, host.Simulation.ApiKey], secret => Assert.DoesNotContain(secret, sent.Body, StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Request_ThatTheHostTraces_BelongsToTheHostsTrace()
    {
        await using var host = await FunctionsTestHost.StartAsync();
        host.Host.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", (await host.DelinkAsync("wlm.1")).Member("traceId")?.GetString());
    }

    [SkippableFact]
    public async Task Termination_WithRequestsUnderWay_AnswersAndRecordsThemAll()
    {
        await using var host = await StartWithSlowJuspayAsync();
        var delinks = await BeginDelinksAsync(host);

        var exitCode = await host.Host.StopAsync();

        Assert.Equal(0, exitCode);
        await AssertAllAreDoneAsync(host, delinks);
    }

    /// <summary>Ctrl+C, and a stop of the process group, send the signal to the worker as well as to the host.</summary>
    [SkippableTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_WithRequestsUnderWay_LeavesTheEndToTheHost(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals.");
        await using var host = await StartWithSlowJuspayAsync();
        var delinks = await BeginDelinksAsync(host);

        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{host.Host.Worker.Process.Id}"]);
        await kill.WaitForExitAsync();
        // The worker still accepts requests.
        Assert.Equal(200, (await host.GetAsync("/health")).Status);
        var exitCode = await host.Host.StopAsync();

        Assert.Equal(0, exitCode);
        await AssertAllAreDoneAsync(host, delinks);
    }

    private static async Task<FunctionsTestHost> StartWithSlowJuspayAsync()
    {
        var host = await FunctionsTestHost.StartAsync(["--Juspay:AttemptTimeout=00:00:50", "--Juspay:TotalTimeout=00:00:50", "--Juspay:CustomerTimeout=00:00:50"]);
        host.Fault(new Fault { DelayMs = 3000, Count = Callers });
        return host;
    }

    private static async Task<Task<Answer>[]> BeginDelinksAsync(FunctionsTestHost host)
    {
        var delinks = Enumerable.Range(0, Callers).Select(_ => host.DelinkAsync()).ToArray();
        await TestHost.WaitUntilAsync(() => host.Delinks is Callers);
        return delinks;
    }

    private static async Task AssertAllAreDoneAsync(FunctionsTestHost host, Task<Answer>[] delinks)
    {
        Assert.All(await Task.WhenAll(delinks), answer => Assert.Equal(200, answer.Status));
        Assert.Equal(Callers, host.Transcript.Logs.Count(line => Regex.IsMatch(line, " delink_audit .* outcome=delinked ")));
    }

    /// <summary>Returns the names of the log events that the product declares.</summary>
    private static string[] Declared() =>
    [
        .. from assembly in new[] { typeof(Telemetry).Assembly, typeof(TelemetryExport).Assembly }
           from type in assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
           let log = method.GetCustomAttribute<LoggerMessageAttribute>()
           where log is not null
           select log.Message.Split(' ')[0],
    ];

    private static Task WaitForAsync(FunctionsTestHost host, string text) =>
        TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains(text, StringComparison.Ordinal)));
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>What is true of the Functions app alone: how its worker process starts, logs, exports and ends.</summary>
public sealed class WorkerTests
{
    private const int Callers = 50;

    [SkippableFact]
    public async Task Start_WithSettingsThatCannotBeUsed_EndsWithOneMessageThatNamesThemAll()
    {
        var ended = await Assert.ThrowsAsync<WorkerEndedException>(() => FunctionsTestHost.StartAsync(["--Juspay:BaseUrl=http://juspay.example", "--KeyVault:RefreshInterval=never"]));

        Assert.Equal(1, ended.ExitCode);
        var line = Assert.Single(ended.Printed);
        // The host goes by that word.
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.All(["Juspay:BaseUrl", "KeyVault:RefreshInterval"], name => Assert.Contains(name, line, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Events_OutsideOfInvocations_ReachTheHostsLogOnce()
    {
        await using var host = await FunctionsTestHost.StartAsync(
            ["--APPLICATIONINSIGHTS_CONNECTION_STRING=unusable"],
            simulation =>
            {
                simulation.StoreSecret(simulation.ApiKey, enabled: true, expiresOn: TimeProvider.System.GetUtcNow().AddDays(-1));
                // The first read with its repetitions, and no later one.
                simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = 4 });
            });
        await WaitForAsync(host, "secret_unavailable name=juspay-api-key");
        await WaitForAsync(host, "secret_held name=juspay-api-key");
        await WaitForAsync(host, "telemetry_unavailable");

        // An invocation has this secret read; the read is no part of it.
        Assert.Equal(200, (await host.SendEventAsync("""{"type":"ping"}""")).Status);
        await WaitForAsync(host, "secret_held name=webhook-signing-secret");

        // Everything that the worker wrote until then has arrived, since it answers after it has logged.
        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.Equal(
            [
                "secret_expired name=juspay-api-key", "secret_held name=juspay-api-key", "secret_held name=webhook-signing-secret",
                "secret_unavailable name=juspay-api-key", "telemetry_unavailable exception=",
            ],
            Lines(host, @"\b(secret_\w+ name=[\w-]+|telemetry_unavailable exception=)").Select(line => line.Found).Order(StringComparer.Ordinal));
        Assert.All(Lines(host, "secret_|telemetry_"), line => Assert.StartsWith($"Information {HostLogLine.ConsoleCategory} ", line.Text, StringComparison.Ordinal));
        // What belongs to an invocation is passed on to the host, and not printed as well.
        Assert.All(Lines(host, "delink_audit"), line => Assert.DoesNotContain(HostLogLine.ConsoleCategory, line.Text, StringComparison.Ordinal));
        Assert.Equal(2, Lines(host, "delink_audit").Length);
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
        // The export begins beside the first requests, which may be unseen.
        while (collector.Received.Count is 0)
        {
            await host.DelinkAsync("wlt_ofNobody");
        }

        var trace = (await host.DelinkAsync("wlt_ofNobody")).Member("traceId")!.Value.GetString()!;
        Assert.Equal(0, await host.Host.StopAsync());

        var spans = collector.Received.Where(sent => sent.Path is "/v2.1/track").SelectMany(sent => sent.Body.Split('\n')).Where(row => row.Contains(trace, StringComparison.Ordinal));
        // Azure Monitor makes the second one's name of its URL.
        Assert.Equal(["POST /wallets/REDACTED", "delink"], spans.Select(row => JsonNode.Parse(row)!["data"]!["baseData"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(["/v1/traces", "/v1/metrics"], path => Assert.Contains(collector.Received, sent => sent.Path == path && sent.Body.Contains("the-name", StringComparison.Ordinal)));
        Assert.Contains(collector.Received, sent => sent.Body.Contains("walletfunctions.delink.count", StringComparison.Ordinal));
        Assert.All(collector.Received, sent => Assert.All(["wlt_ofNobody", TestHost.Customer, host.Simulation.ApiKey], secret => Assert.DoesNotContain(secret, sent.Body, StringComparison.Ordinal)));
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

    /// <summary>Ctrl+C and the stop of a process group reach host and worker.</summary>
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
        // The worker goes on until the host has no more for it.
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
        Assert.Equal(Callers, Lines(host, "delink_audit .* outcome=delinked").Length);
    }

    private static Task WaitForAsync(FunctionsTestHost host, string text) =>
        TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains(text, StringComparison.Ordinal)));

    private static (string Text, string Found)[] Lines(FunctionsTestHost host, string pattern) =>
        [.. host.Transcript.Logs.Select(line => (Text: line, Match: Regex.Match(line, pattern))).Where(line => line.Match.Success).Select(line => (line.Text, line.Match.Value))];
}

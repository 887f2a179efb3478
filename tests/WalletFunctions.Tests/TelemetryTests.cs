using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WalletFunctions.Delinking;
using WalletFunctions.Http;
using WalletFunctions.KeyVault;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>The spans and metrics of a delink, and that none are created without a listener.</summary>
public sealed class TelemetryTests
{
    private const string Caller = "b7ad6b7169203331";

    [Fact]
    public async Task Delink_ThatIsRetried_IsOneTraceOfTheCallers()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 503 });
        using var spans = new Spans();

        Assert.Equal(200, (await SendAsync(host, spans)).Status);

        var request = Assert.Single(spans.Ended, span => span.OperationName is "delink");
        Assert.Equal(
            "walletfunctions.outcome=delinked walletfunctions.merchant=- http.response.status_code=200",
            string.Join(' ', request.TagObjects.Select(tag => $"{tag.Key}={tag.Value}")));
        var calls = spans.Ended.Where(span => span.Kind is ActivityKind.Client).ToArray();
        Assert.All(calls, call => Assert.Equal(("POST /wallets/{wallet_id}", request.SpanId), (call.OperationName, call.ParentSpanId)));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], calls.Select(call => call.Status));
        var juspay = new Uri(host.Juspay.BaseUrl);
        Assert.Equal(
            $"http.request.method=POST server.address=127.0.0.1 server.port={juspay.Port} url.full={juspay}wallets/REDACTED url.template=/wallets/{{wallet_id}}"
            + " http.response.status_code=503 error.type=503",
            string.Join(' ', calls[0].TagObjects.Select(tag => $"{tag.Key}={tag.Value}")));
        Assert.All(host.Juspay.Requests, sent => Assert.Equal(spans.TraceId, sent.Headers["x-request-id"]));
    }

    [Fact]
    public async Task Delink_WithoutAnAnswer_SaysWhyInTheSpan()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault { Reset = true });
        using var spans = new Spans();

        Assert.Equal(502, (await SendAsync(host, spans)).Status);

        var call = Assert.Single(spans.Ended, span => span.Kind is ActivityKind.Client);
        var request = Assert.Single(spans.Ended, span => span.OperationName is "delink");
        Assert.Equal(("Lost", null), (call.GetTagItem("error.type"), call.GetTagItem("http.response.status_code")));
        Assert.Equal((ActivityStatusCode.Error, "juspay_unavailable"), (request.Status, request.GetTagItem("error.type")));
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(499, null)]
    [InlineData(500, "test_outcome")]
    public async Task Delink_ThatThisServiceFails_IsAFailureInTheSpan(int status, string? error)
    {
        using var spans = new Spans();
        var runner = new RequestRunner(
            new DelinkAudit(new AuditHash(null), TimeProvider.System, NullLogger<DelinkAudit>.Instance), TimeProvider.System, NullLogger<RequestRunner>.Instance);
        var request = RequestOfTrace(null, $"00-{spans.TraceId}-{Caller}-00");
        var entry = new AuditEntry { TraceId = request.TraceId, Trace = request.Trace, Caller = "default", Merchant = "shop-a" };

        await runner.RunAsync(
            entry, () => Task.FromResult(new Reply(new HttpAnswer(status, HttpAnswer.Json, default), "test_outcome")), _ => throw new InvalidOperationException(), CancellationToken.None);

        var span = Assert.Single(spans.Ended);
        Assert.Equal(
            ("test_outcome", "shop-a", status, error),
            (span.GetTagItem("walletfunctions.outcome"), span.GetTagItem("walletfunctions.merchant"), span.GetTagItem("http.response.status_code"), span.GetTagItem("error.type")));
        Assert.Equal(error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    public async Task Delink_WhoseTimeEndsDuringAnAttempt_IsAFailureInTheSpan()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { DelayMs = -1, Count = 10 });
        using var spans = new Spans();

        Assert.Equal(504, (await host.WaitOutSilenceAsync(SendAsync(host, spans))).Status);

        var calls = spans.Ended.Where(span => span.Kind is ActivityKind.Client).ToArray();
        Assert.All(calls, call => Assert.Equal(ActivityStatusCode.Error, call.Status));
        Assert.Equal("Cancelled", calls[^1].GetTagItem("error.type"));
    }

    /// <summary>The runtime's own span of a request would contain the full URL.</summary>
    [Fact]
    public async Task RequestToJuspay_HasNoSpanButOurs()
    {
        await using var host = await TestHost.StartAsync();
        var urls = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => urls.Enqueue((string)span.GetTagItem("url.full")!),
        };
        ActivitySource.AddActivityListener(listener);

        await host.DelinkAsync();

        // The span of the test's own client is recorded, so one to Juspay would be recorded too.
        Assert.Contains(urls, url => url.StartsWith(host.Client.BaseAddress!.AbsoluteUri, StringComparison.Ordinal));
        Assert.DoesNotContain(urls, url => url.StartsWith(host.Juspay.BaseUrl, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("nonsense", "nonsense")]
    [InlineData("", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01,00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-01")]
    public void RequestWithoutATrace_BeginsOneOfItsOwn(string? hosts, string? callers)
    {
        var request = RequestOfTrace(hosts, callers);

        using var span = Telemetry.Delink.Start(request.Trace);

        Assert.Equal(request.TraceId, span!.TraceId.ToHexString());
        Assert.Equal(default, span.ParentSpanId);
    }

    [Theory]
    [InlineData("", CallersSpan, CallersSpan)]
    [InlineData(null, CallersSpan, CallersSpan)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", CallersSpan, "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")]
    [InlineData("00-ffffffffffffffffffffffffffffffff-00f067aa0ba902b7-01", CallersSpan, CallersSpan)]
    [InlineData("00-ffffffffffffffffffffffffffffffff-00f067aa0ba902b7-01", null, "00-ffffffffffffffffffffffffffffffff-00f067aa0ba902b7-01")]
    public void Request_WithACallersOrHostsTrace_BelongsToTheCallersFirst(string? hosts, string? callers, string expected)
    {
        var trace = RequestOfTrace(hosts, callers).Trace;

        Assert.Equal((expected, true), ($"00-{trace.TraceId}-{trace.SpanId}-01", trace.IsRemote));
    }

    /// <summary>An event in the queue keeps the trace of the request that brought it.</summary>
    [Theory]
    [InlineData(CallersSpan)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    public void Entry_OfACallersTrace_HasItsTraceParent(string callers)
    {
        var request = RequestOfTrace(null, callers);

        Assert.Equal(callers, new AuditEntry { TraceId = request.TraceId, Trace = request.Trace, Caller = "default" }.TraceParent);
    }

    [Fact]
    public void Entry_OfANewTrace_HasATraceParentWithASpan()
    {
        var request = RequestOfTrace(null, null);

        var traceParent = new AuditEntry { TraceId = request.TraceId, Trace = request.Trace, Caller = "default" }.TraceParent;

        Assert.Matches($"^00-{request.TraceId}-(?!0{{16}})[0-9a-f]{{16}}-00$", traceParent);
    }

    private const string CallersSpan = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static IncomingRequest RequestOfTrace(string? hosts, string? callers) => new()
    {
        Header = name => name is "traceparent" && callers is not null ? [callers] : [],
        Body = Stream.Null,
        HostTraceParent = hosts,
    };

    [Fact]
    public async Task Metrics_CountWhatTheAuditRecordsSay()
    {
        // A separate merchant distinguishes these measurements from those of other tests.
        await using var host = await TestHost.StartAsync(["--Merchants:metrics:MerchantId=Metrics", "--LocalHost:FunctionKeys:metrics=local-key"]);
        using var metrics = new Measurements("walletfunctions.merchant=metrics");
        host.Fault(new Fault { Method = "POST", Status = 503, Moment = FaultMoment.After });
        host.Simulation.Juspay!.AlreadyUnlinked = AlreadyUnlinkedAnswer.InvalidAction;

        var answer = await host.DelinkCustomerAsync("metrics_customer");
        await host.DelinkAsync("not.an.id");

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            [
                "walletfunctions.delink.count 1 walletfunctions.outcome=delinked", "walletfunctions.delink.count 1 walletfunctions.outcome=invalid_wallet_id",
                "walletfunctions.delink.duration 0 walletfunctions.outcome=delinked", "walletfunctions.delink.duration 0 walletfunctions.outcome=invalid_wallet_id",
                "walletfunctions.juspay.confirmations 1", "walletfunctions.juspay.retries 1",
            ],
            metrics.Taken.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Request_WithoutAMerchant_IsCountedAtTheTopLevel()
    {
        using var metrics = new Measurements("walletfunctions.outcome=counted-here");
        var audit = new DelinkAudit(new AuditHash(null), TimeProvider.System, NullLogger<DelinkAudit>.Instance);

        audit.RecordRequest(new AuditEntry { TraceId = "of no request", Caller = "default" }, "counted-here", 200, TimeSpan.FromSeconds(2));

        Assert.Equal(["walletfunctions.delink.count 1 walletfunctions.merchant=-", "walletfunctions.delink.duration 2 walletfunctions.merchant=-"], metrics.Taken);
    }

    [Fact]
    public async Task SecretReads_AreCountedByWhatTheyFound()
    {
        using var metrics = new Measurements("walletfunctions.secret=counted-key");
        await using var host = await TestHost.StartAsync(["--KeyVault:ApiKeySecretName=counted-key"]);
        await host.DelinkAsync();

        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 1);
        host.Time.Advance(TimeSpan.FromMinutes(30));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 2);
        host.KeyVault.Delete("counted-key");
        host.Time.Advance(TimeSpan.FromMinutes(30));
        await TestHost.WaitUntilAsync(() => metrics.Taken.Count is 3);

        Assert.Equal(
            ["changed", "unchanged", "Missing"],
            metrics.Taken.Select(taken => Assert.Single(Regex.Matches(taken, "walletfunctions.outcome=(.+)")).Groups[1].Value));
    }

    /// <summary>A new tag must be in the definition, and therefore in infra/telemetry.md.</summary>
    [Fact]
    public async Task Spans_HaveTheTagsThatAreDeclared()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault { Method = "POST", Status = 400, Body = """{"status":"INVALID_ACTION","error_code":"INVALID_ACTION"}""" });
        using var spans = new Spans();

        await host.DelinkCustomerAsync();
        await SendAsync(host, spans);
        await SendAsync(host, spans, $"/customers/{TestHost.Customer}/delink");

        Assert.NotEmpty(spans.Ended);
        Assert.All(spans.Ended, span => Assert.Subset(
            Telemetry.Spans.Single(kind => kind.Name == span.OperationName && kind.Kind == span.Kind).Tags.ToHashSet(), span.TagObjects.Select(tag => tag.Key).ToHashSet()));
    }

    [Fact]
    public async Task Transcript_WithALeakInASpanOrMetric_IsCaught()
    {
        await using var host = await TestHost.StartAsync();
        var (inSpan, inMetric) = ("canary" + Guid.NewGuid().ToString("N"), "canary" + Guid.NewGuid().ToString("N"));
        using (var span = Telemetry.ReadSecret.Start())
        {
            span!.SetTag(Telemetry.Secret, inSpan);
        }

        Telemetry.SecretReads.Add(1, Telemetry.Tag(Telemetry.Secret, inMetric));

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => host.Transcript.AssertHoldsNone([inSpan], []));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => host.Transcript.AssertHoldsNone([], [inMetric]));
    }

    [Fact]
    public async Task LocalHost_ShowsTracesOnTheConsoleWhenAsked()
    {
        await using var host = await TestHost.StartAsync(["--LocalHost:Traces=true"]);
        using var spans = new Spans();

        await SendAsync(host, spans);

        var lines = host.Transcript.Logs.Where(line => line.Contains($"trace_id={spans.TraceId}", StringComparison.Ordinal) && line.Contains(" span ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Contains("span POST /wallets/{wallet_id} duration_ms=", lines[0], StringComparison.Ordinal);
        Assert.Contains("span delink duration_ms=", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_SendsSpansAndMetricsToACollectorAndToAzureMonitor()
    {
        await using var collector = await Collector.StartAsync();
        var host = await TestHost.StartAsync(
            [
                $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_SERVICE_NAME=the-name",
                $"--APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={collector.Url}",
            ]);
        await using (host)
        {
            // The first delink is answered before the exporters are set up, and is still exported.
            var exporter = host.Services.GetServices<IHostedService>().OfType<TelemetryExporter>().Single();
            await host.DelinkAsync();
            await host.Time.WaitForTimerAsync(TelemetryExporter.AfterFirstDelink);
            Assert.False(exporter.Exporting.IsCompleted);
            host.Time.Advance(TelemetryExporter.AfterFirstDelink);
            await exporter.Exporting;
            await exporter.StopAsync(CancellationToken.None);
        }

        // Azure Monitor derives the span's name from its URL.
        (string, string)[] expected = [("/v1/traces", "POST /wallets/{wallet_id}"), ("/v1/metrics", "walletfunctions.delink.count"), ("/v2.1/track", "POST /wallets/REDACTED")];
        Assert.All(expected, item => Assert.Contains(collector.Received, sent =>
            sent.Path == item.Item1 && sent.Body.Contains(item.Item2, StringComparison.Ordinal) && sent.Body.Contains("the-name", StringComparison.Ordinal)));

        Assert.All(collector.Received, sent => Assert.All([TestHost.Paytm, TestHost.Customer, host.Simulation.ApiKey], secret => Assert.DoesNotContain(secret, sent.Body, StringComparison.Ordinal)));
    }

    /// <summary>In Azure, Application Insights accepts telemetry only from identities with a role.</summary>
    [Fact]
    public async Task Export_AsTheAppsIdentity_AsksForATokenOfAzureMonitor()
    {
        var asked = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync(
            [
                "--APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://127.0.0.1:1",
                "--APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD",
            ],
            configure: (builder, simulation, _) => builder.Services.AddSingleton(new KeyVaultHandler(new Listening(simulation.KeyVault!.CreateHandler(), asked))));
        var exporter = host.Services.GetServices<IHostedService>().OfType<TelemetryExporter>().Single();
        await host.DelinkAsync();
        await host.Time.WaitForTimerAsync(TelemetryExporter.AfterFirstDelink);
        host.Time.Advance(TelemetryExporter.AfterFirstDelink);
        await exporter.Exporting;

        await exporter.StopAsync(CancellationToken.None);

        Assert.Contains(asked, url => url.StartsWith($"http://{SimulatedKeyVault.IdentityHost}/", StringComparison.Ordinal) && url.Contains("monitor.azure.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Export_WithASettingThatCannotBeUsed_DoesNotStopDelinks()
    {
        await using var host = await TestHost.StartAsync(["--APPLICATIONINSIGHTS_CONNECTION_STRING=unusablevalue"]);

        // Without a delink, the exporters are set up after some seconds.
        await host.Time.WaitForTimerAsync(TelemetryExporter.WithoutDelink);
        host.Time.Advance(TelemetryExporter.WithoutDelink);
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains("telemetry_unavailable exception=", StringComparison.Ordinal)));

        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.DoesNotContain(host.Transcript.Logs, line => line.Contains("unusablevalue", StringComparison.Ordinal));
    }

    /// <summary>A span that is older than the exporters is exported in the caller's trace, below the request's span, with its own times.</summary>
    [Fact]
    public async Task Export_OfWhatCameBefore_KeepsTracesTimesAndCounts()
    {
        using var early = new EarlyTelemetry();
        await using var host = await TestHost.StartAsync(["--Merchants:early:MerchantId=Early", "--LocalHost:FunctionKeys:early=local-key"]);
        host.Fault(new Fault { Status = 503 });
        using (var spans = new Spans())
        {
            Assert.Equal(200, (await SendAsync(host, spans, "/wallets/wlm_early_0000000001")).Status);
            await early.FirstDelink;
            var before = spans.Ended.OrderBy(span => span.StartTimeUtc).ToArray();
            using var metrics = new Measurements("walletfunctions.merchant=early");

            early.ReplaySpans();
            early.ReplayMeasurements();

            var after = spans.Ended.Except(before).OrderBy(span => span.StartTimeUtc).ToArray();
            Assert.Equal(before.Select(Describe), after.Select(Describe));
            Assert.Equal(before.Single(span => span.OperationName is "delink").ParentSpanId, after.Single(span => span.OperationName is "delink").ParentSpanId);
            Assert.All(after.Where(span => span.Kind is ActivityKind.Client), span => Assert.Contains(after, parent => parent.SpanId == span.ParentSpanId));
            Assert.Contains("walletfunctions.delink.count 1 walletfunctions.outcome=delinked", metrics.Taken);
            Assert.Contains("walletfunctions.juspay.retries 1", metrics.Taken);
        }

        static string Describe(Activity span) => $"{span.TraceId} {span.OperationName} {span.Kind} {span.StartTimeUtc:O} {span.Duration} {span.Status} "
            + string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9", true)]
    public async Task LocalHost_LoadsOpenTelemetryOnlyWhenItExports(string? setting, bool expected)
    {
        var loaded = await LoadedAssembliesAsync(setting?.Split('='));

        Assert.Contains("WalletFunctions.Core", loaded);
        Assert.Contains("Azure.Security.KeyVault.Secrets", loaded);
        Assert.Equal(expected, loaded.Any(name => name.Contains("OpenTelemetry", StringComparison.Ordinal)));
    }

    [Fact]
    public void TelemetryTables_AreUpToDate()
    {
        const string File = "infra/telemetry.md";
        const string Start = "<!-- TelemetryTests generates the tables between this comment and the next one from the code. -->\n";
        const string End = "<!-- End of the generated tables. -->";
        var document = Repository.Read(File);
        var (from, to) = (document.IndexOf(Start, StringComparison.Ordinal) + Start.Length, document.IndexOf(End, StringComparison.Ordinal));

        Repository.AssertIsUpToDate(File, $"{document[..from]}\n{Tables()}\n{document[to..]}");
    }

    private static Task<Answer> SendAsync(TestHost host, Spans spans, string path = "/wallets/" + TestHost.Paytm)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("x-routing-id", TestHost.Customer);
        request.Headers.Add("traceparent", $"00-{spans.TraceId}-{Caller}-00");
        return host.SendAsync(request);
    }

    /// <summary>Returns the assemblies that the local host loads until a delink is done. It is a separate process, because other tests load assemblies in this one.</summary>
    private static async Task<string[]> LoadedAssembliesAsync(string[]? variable)
    {
        var file = Path.GetTempFileName();
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) is "dotnet" ? path : "dotnet")
        {
            ArgumentList = { "exec", typeof(LocalHostApp).Assembly.Location, "--urls", "http://127.0.0.1:0" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[StartupHook.Variable] = file;
        foreach (var name in new[] { "APPLICATIONINSIGHTS_CONNECTION_STRING", "OTEL_EXPORTER_OTLP_ENDPOINT" })
        {
            start.Environment.Remove(name);
        }

        if (variable is [var key, var value])
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var banner = new StringBuilder();
            while (!banner.ToString().Contains("Press Ctrl+C to stop", StringComparison.Ordinal))
            {
                banner.AppendLine(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The host ended: {banner}"));
            }

            using var client = new HttpClient { BaseAddress = new Uri(Regex.Match(banner.ToString(), @"local host at (\S+)").Groups[1].Value) };
            client.DefaultRequestHeaders.Add("x-functions-key", TestHost.Key);
            client.DefaultRequestHeaders.Add("x-routing-id", TestHost.Customer);
            Assert.Equal(200, (int)(await client.PostAsync($"/wallets/{TestHost.Paytm}", new FormUrlEncodedContent([new("command", "delink")]))).StatusCode);
            if (variable is not null)
            {
                await TestHost.WaitUntilAsync(() => File.ReadAllText(file).Contains("OpenTelemetry", StringComparison.Ordinal));
            }

            return await File.ReadAllLinesAsync(file);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            File.Delete(file);
        }
    }

    private static string Tables()
    {
        var events = new[] { typeof(Telemetry).Assembly, typeof(TelemetryExport).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .Select(method => (Log: method.GetCustomAttribute<LoggerMessageAttribute>()!, When: method.GetCustomAttribute<DescriptionAttribute>()?.Description))
            .Where(row => row.Log is not null)
            .OrderBy(row => row.Log.EventId)
            .Select(row => $"| {row.Log.EventId} | `{row.Log.Message.Split(' ', '{')[0]}` | {(row.Log.Level is LogLevel.None ? "Error, Warning" : row.Log.Level)} | {row.When} |");
        var metrics = Telemetry.Metrics
            .Select(metric => $"| `{metric.Name}` | {metric.GetType().Name.Split('`')[0].ToLowerInvariant()} | `{metric.Unit}` | {metric.Description} |");
        var spans = Telemetry.Spans
            .Select(span => $"| `{span.Name}` | {span.Kind.ToString().ToLowerInvariant()} | {span.Description} | {string.Join(", ", span.Tags.Select(tag => $"`{tag}`"))} |");
        return string.Join('\n',
        [
            "| number | event | level | when |", "|---|---|---|---|", .. events, "",
            $"| metric of the meter `{Telemetry.Name}` | kind | unit | what it measures |", "|---|---|---|---|", .. metrics, "",
            $"| span of the source `{Telemetry.Name}` | kind | meaning | tags |", "|---|---|---|---|", .. spans, "",
        ]);
    }

    /// <summary>Collects the spans of one trace as they end.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Telemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (span.TraceId.ToHexString() == TraceId)
                    {
                        _ended.Enqueue(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public string TraceId { get; } = ActivityTraceId.CreateRandom().ToHexString();

        public IReadOnlyCollection<Activity> Ended => _ended;

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>The measurements with one tag.</summary>
    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Measurements(string tag)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();

            void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            {
                var texts = tags.ToArray().Select(item => $"{item.Key}={item.Value}").ToArray();
                if (texts.Contains(tag))
                {
                    Taken.Enqueue(string.Join(' ', [instrument.Name, value.ToString(CultureInfo.InvariantCulture), .. texts.Except([tag])]));
                }
            }
        }

        public ConcurrentQueue<string> Taken { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}

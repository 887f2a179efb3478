using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>
/// The telemetry that the worker sends to Application Insights, which the alerts and the workbook of <c>infra</c> use, and the size of the log of one call.
/// </summary>
public sealed class ArrivalTests
{
    // As long as a connection string of Azure.
    private const string Site = "func-delink-prod-rntr46cz74r5w";
    private const string Instance = "0000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public async Task SecretThatIsMissing_ArrivesAsAMetricThatItsAlertCounts()
    {
        const string Name = "key-that-goes";
        using var missed = new MeterListener();
        var count = 0;
        missed.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "walletfunctions.secret.reads")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        missed.SetMeasurementEventCallback<long>((_, _, tags, _) => Interlocked.Add(
            ref count, tags.Contains(new("walletfunctions.secret", Name)) && tags.Contains(new("walletfunctions.outcome", "Missing")) ? 1 : 0));
        missed.Start();

        var rows = await ExportAsync([$"--KeyVault:ApiKeySecretName={Name}"], async host =>
        {
            await host.DelinkAsync();
            host.KeyVault.Delete(Name);
            await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 1);
            host.Time.Advance(TimeSpan.FromMinutes(30));
            await TestHost.WaitUntilAsync(() => Volatile.Read(ref count) > 0);
        });

        var missing = Assert.Single(rows, row => row.Metric is "walletfunctions.secret.reads"
            && row.Property("walletfunctions.secret") is Name && row.Property("walletfunctions.outcome") is "Missing");
        Assert.Equal(1, (double)missing.Data["metrics"]![0]!["value"]!);
    }

    [Fact]
    public async Task ForgedWebhook_ArrivesAsACountAndAsOneSpanThatTheWorkspaceDrops()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var rows = await ExportAsync([], async host => Assert.Equal(401, (await host.SendAsync(Request("/webhooks/delink", "{}", trace))).Status));

        // infra/queries.bicep drops the spans and audit records with this outcome, and counts the metric.
        var span = Assert.Single(rows, row => row.Trace == trace);
        Assert.Equal(("RemoteDependency", "delink", "invalid_signature"), (span.Kind, (string?)span.Data["name"], span.Property("walletfunctions.outcome")));
        Assert.Contains(rows, row => row.Metric is "walletfunctions.delink.count" && row.Property("walletfunctions.outcome") is "invalid_signature");
    }

    [Fact]
    public async Task Delink_NamesNoIdInAnythingThatTheWorkerSends()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var rows = await ExportAsync([], host => DelinkAsync(host, trace));

        Assert.Contains(rows, row => row.Trace == trace);
        Assert.All(rows, row => Assert.DoesNotMatch($"{TestHost.Paytm}|{TestHost.Customer}", row.Json));
    }

    /// <summary>infra/README.md computes the cost of the log from this size of the spans and the audit record of one delink, with spans exported.</summary>
    [Fact]
    public async Task Log_OfOneDelink_IsWhatTheCostsAssume()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var message = "";
        var rows = await ExportAsync([$"--WEBSITE_SITE_NAME={Site}", $"--WEBSITE_INSTANCE_ID={Instance}"], async host =>
        {
            await DelinkAsync(host, trace);
            message = host.Transcript.Logs.Last(line => line.Contains("delink_audit ", StringComparison.Ordinal));
        });

        // The JSON of a span is larger than its row in the log. Metrics are sent once a minute, independent of the number of calls.
        var spans = rows.Where(row => row.Trace == trace).ToArray();
        var audit = Encoding.UTF8.GetByteCount(RowOfTheHost(message[message.IndexOf("delink_audit ", StringComparison.Ordinal)..]).ToJsonString());
        Assert.Equal(["POST /wallets/REDACTED", "delink"], spans.Select(span => (string?)span.Data["name"]).Order(StringComparer.Ordinal));
        AssertIsAssumed("auditKilobytesPerCall", audit);
        AssertIsAssumed("logKilobytesPerCall", audit + spans.Sum(row => Encoding.UTF8.GetByteCount(row.Json)));

        // Some lengths vary, such as that of a port.
        static void AssertIsAssumed(string name, int bytes)
        {
            var assumed = double.Parse((string)JsonNode.Parse(Repository.Read("infra/prices.json"))![name]!, CultureInfo.InvariantCulture) * 1000;
            Assert.InRange(assumed, bytes - 50, bytes + 150);
        }
    }

    /// <summary>Returns an audit record as the host writes it to AppTraces. Source: ApplicationInsightsLogger of Azure/azure-webjobs-sdk.</summary>
    private static JsonObject RowOfTheHost(string message) => new()
    {
        ["TimeGenerated"] = "2026-12-01T00:00:00.0000000Z",
        ["Message"] = message,
        ["SeverityLevel"] = 1,
        ["Properties"] = new JsonObject
        {
            ["Category"] = "Function.DelinkWallet.User",
            ["LogLevel"] = "Information",
            ["EventName"] = "201",
            ["InvocationId"] = Guid.Empty.ToString(),
            ["HostInstanceId"] = Guid.Empty.ToString(),
            ["ProcessId"] = "60",
        },
        ["OperationName"] = "DelinkWallet",
        ["OperationId"] = Guid.Empty.ToString("N"),
        ["ParentId"] = "b7ad6b7169203331",
        ["AppRoleName"] = Site,
        ["AppRoleInstance"] = Instance,
        ["ClientIP"] = "0.0.0.0",
        ["ClientType"] = "PC",
        ["SDKVersion"] = "azurefunctions: 4.1037.0.0",
        ["IKey"] = Guid.Empty.ToString(),
        ["ResourceGUID"] = Guid.Empty.ToString(),
        ["ItemCount"] = 1,
        ["SourceSystem"] = "Azure",
    };

    private static HttpRequestMessage Request(string path, string json, string trace)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        request.Headers.Add("x-routing-id", TestHost.Customer);
        return request;
    }

    private static async Task DelinkAsync(TestHost host, string trace) =>
        Assert.Equal(200, (await host.SendAsync(Request("/wallets/" + TestHost.Paytm, """{"command":"delink"}""", trace))).Status);

    /// <summary>Everything that is exported until the host stops. It may include spans and metrics of other tests, because listeners receive those of the whole process.</summary>
    private static async Task<IReadOnlyList<Row>> ExportAsync(string[] settings, Func<TestHost, Task> use)
    {
        await using var insights = await Collector.StartAsync();
        var host = await TestHost.StartAsync(
            [$"--APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={insights.Url}", .. settings]);
        await using (host)
        {
            await use(host);
            await host.Services.GetServices<IHostedService>().OfType<TelemetryExporter>().Single().StopAsync(CancellationToken.None);
        }

        return
        [
            .. insights.Received.SelectMany(sent => sent.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.StartsWith('{')).Select(Row.Parse),
        ];
    }

    /// <summary>One item of the ingestion protocol.</summary>
    private sealed record Row(string Kind, string? Trace, JsonObject Data, string Json)
    {
        public string? Metric => Kind is "Metric" ? (string?)Data["metrics"]![0]!["name"] : null;

        public string? Property(string name) => (string?)Data["properties"]?[name];

        public static Row Parse(string line)
        {
            var item = JsonNode.Parse(line)!;
            return new((string)item["name"]!, (string?)item["tags"]?["ai.operation.id"], item["data"]!["baseData"]!.AsObject(), line);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WalletFunctions.LocalHost;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>
/// What the worker itself sends to Application Insights, which is what the alerts and the workbook of <c>infra</c> rest on, and how much log a call makes.
/// </summary>
public sealed class ArrivalTests
{
    // As long as those of Azure.
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

        var rows = await ExportAsync([$"--KeyVault:ApiKeySecretName={Name}"], async (host, _) =>
        {
            await host.DelinkAsync();
            host.KeyVault.Delete(Name);
            await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 1);
            host.Time.Advance(TimeSpan.FromMinutes(30));
            await TestHost.WaitUntilAsync(() => Volatile.Read(ref count) > 0);
        });

        var missing = Assert.Single(rows, row => row.Kind is "Metric" && (string?)row.Data["metrics"]![0]!["name"] is "walletfunctions.secret.reads"
            && (string?)row.Data["properties"]?["walletfunctions.outcome"] is "Missing");
        Assert.Equal((Name, 1), ((string?)missing.Data["properties"]!["walletfunctions.secret"], (double)missing.Data["metrics"]![0]!["value"]!));
    }

    [Fact]
    public async Task ForgedWebhook_ArrivesAsACountAndAsOneSpanThatTheWorkspaceDrops()
    {
        var rows = await ExportAsync([], async (host, _) =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/delink") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            Assert.Equal(401, (await host.SendAsync(request)).Status);
        });

        // infra/queries.bicep leaves out the spans and audit records with this outcome, and counts the metric.
        Assert.All(rows.Where(row => row.Kind is "RemoteDependency" && (string?)row.Data["name"] is "delink"),
            row => Assert.Equal("invalid_signature", (string?)row.Data["properties"]!["walletfunctions.outcome"]));
        Assert.Contains(rows, row => row.Kind is "Metric" && (string?)row.Data["metrics"]![0]!["name"] is "walletfunctions.delink.count"
            && (string?)row.Data["properties"]!["walletfunctions.outcome"] is "invalid_signature");
    }

    [Fact]
    public async Task Delink_NamesNoIdInAnythingThatTheWorkerSends()
    {
        var rows = await ExportAsync([], (host, _) => host.DelinkAsync());

        Assert.Contains(rows, row => row.Kind is "RemoteDependency" && (string?)row.Data["name"] is "delink");
        Assert.All(rows, row => Assert.DoesNotMatch($"{TestHost.Paytm}|{TestHost.Customer}", row.Json));
    }

    /// <summary>infra/README.md computes the cost of the log from this number: spans and audit record of one delink, with spans exported.</summary>
    [Fact]
    public async Task Log_OfOneDelink_IsWhatTheCostsAssume()
    {
        const int Calls = 20;
        var message = "";
        var rows = await ExportAsync([$"--WEBSITE_SITE_NAME={Site}", $"--WEBSITE_INSTANCE_ID={Instance}"], async (host, _) =>
        {
            for (var call = 0; call < Calls; call++)
            {
                await host.DelinkAsync();
            }

            message = host.Transcript.Logs.Last(line => line.Contains("delink_audit ", StringComparison.Ordinal));
        });

        // The whole JSON of a span: more than the row that is made of it. Metrics are sent once a minute, however many calls there were.
        var spans = rows.Where(row => row.Kind is "RemoteDependency" && (string?)row.Data["name"] is not "read secret").ToArray();
        var audit = Encoding.UTF8.GetByteCount(RowOfTheHost(message).ToJsonString());
        var all = audit + (spans.Sum(row => Encoding.UTF8.GetByteCount(row.Json)) / Calls);
        Assert.Equal(2 * Calls, spans.Length);
        Assert.Equal((Assumed("auditKilobytesPerCall"), Assumed("logKilobytesPerCall")), (Kilobytes(audit), Kilobytes(all)));

        static string Kilobytes(int bytes) => (Math.Ceiling(bytes / 100.0) / 10).ToString("0.0", CultureInfo.InvariantCulture);
        static string Assumed(string name) => (string)JsonNode.Parse(Repository.Read("infra/prices.json"))![name]!;
    }

    /// <summary>An audit record as the host writes it to AppTraces. Source: ApplicationInsightsLogger of Azure/azure-webjobs-sdk.</summary>
    private static JsonObject RowOfTheHost(string message) => new()
    {
        ["TimeGenerated"] = "2026-12-01T00:00:00.0000000Z",
        ["Message"] = message,
        ["SeverityLevel"] = 1,
        ["Properties"] = new JsonObject
        {
            ["Category"] = "Function.DelinkWallet.User", ["LogLevel"] = "Information", ["EventName"] = "201", ["InvocationId"] = Guid.Empty.ToString(),
            ["HostInstanceId"] = Guid.Empty.ToString(), ["ProcessId"] = "60",
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

    private static async Task<IReadOnlyList<Row>> ExportAsync(string[] settings, Func<TestHost, TelemetryExporter, Task> use)
    {
        var received = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder([LocalHostApp.NoReload, "--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var insights = builder.Build();
        insights.Run(async context =>
        {
            await using var body = context.Request.Headers.ContentEncoding == "gzip"
                ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
            using var reader = new StreamReader(body);
            received.Enqueue(await reader.ReadToEndAsync());
            await context.Response.WriteAsync("""{"itemsReceived":1,"itemsAccepted":1,"errors":[]}""");
        });
        await insights.StartAsync();

        var host = await TestHost.StartAsync(
            [$"--APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={insights.Urls.First()}", .. settings]);
        await using (host)
        {
            var exporter = host.Services.GetServices<IHostedService>().OfType<TelemetryExporter>().Single();
            await exporter.Exporting;
            await use(host, exporter);
            await exporter.StopAsync(CancellationToken.None);
        }

        return [.. received.SelectMany(body => body.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.StartsWith('{')).Select(Row.Parse)];
    }

    /// <summary>One item of the ingestion protocol.</summary>
    private sealed record Row(string Kind, JsonObject Data, string Json)
    {
        public static Row Parse(string line)
        {
            var item = JsonNode.Parse(line)!;
            return new((string)item["name"]!, item["data"]!["baseData"]!.AsObject(), line);
        }
    }
}

using System.Diagnostics;
using Azure.Security.KeyVault.Secrets;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.Extensions.Logging.Abstractions;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Benchmarks;

/// <summary>The time and the allocations of each computing step of a delink.</summary>
[MemoryDiagnoser]
public class Micro
{
    private static readonly byte[] Wallet =
        """
        {"wallet":"PAYTM","token":"tkn_1","last_refreshed":"2026-01-01T00:00:00Z","object":"wallet_account","id":"wlm_vNb87tTUvbb86bD","current_balance":250,
        "sub_details":[{"payment_method":"PAYTM","payment_method_type":"WALLET","current_balance":250}],"linked":"false"}
        """u8.ToArray();

    private static readonly byte[] Event = """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}"""u8.ToArray();

    private static readonly JuspayApiKey ApiKey =
        JuspayApiKey.TryParse("benchmark0123456789ABCDEF", out var key, out _) ? key : throw new UnreachableException();

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000);

    private readonly WebhookSecrets _secrets = WebhookSecrets.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretEncoding.Whsec, out var secrets, out _) ? secrets : throw new UnreachableException();
    private readonly Problem _problem = new(ProblemType.JuspayTimeout, "No answer in time.");
    private readonly CachedSecret<JuspayApiKey> _apiKey = new(
        _ => Task.FromResult(SecretModelFactory.KeyVaultSecret(SecretModelFactory.SecretProperties(version: "1"), "benchmark0123456789ABCDEF")),
        "juspay-api-key", JuspayApiKey.TryParse, TimeSpan.FromDays(1), TimeProvider.System, NullLogger<CachedSecret<JuspayApiKey>>.Instance);

    private DeliveryHeaders _headers = new("", "", "");

    /// <summary>Runs all benchmarks in this process, because a generated project would not follow this repository's build rules.</summary>
    public static int Run()
    {
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithIterationCount(10).WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "micro"));
        var summary = BenchmarkRunner.Run<Micro>(config);
        var rows = summary.Reports.Select(report => (IReadOnlyList<string>)
        [
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
            Results.Number(report.ResultStatistics!.Median),
            Results.Number((double)(report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0)),
        ]).ToArray();
        Results.WriteAsync("micro", Results.Table(["step", "median ns", "bytes allocated"], rows)).GetAwaiter().GetResult();
        Console.WriteLine($"micro bytes-of-all-steps {rows.Sum(row => int.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture))}");
        return summary.HasCriticalValidationErrors ? 1 : 0;
    }

    /// <summary>Signs an event once.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var timestamp = Now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        _headers = new DeliveryHeaders("msg_1", timestamp, WebhookSignature.Sign(WebhookSender.Own.Scheme, "msg_1", timestamp, Event, _secrets));
    }

    /// <summary>Parses the caller's ids and form.</summary>
    [Benchmark]
    public async Task<bool> ParseRequest()
    {
        var request = new IncomingRequest
        {
            Header = name => name is "Content-Type" ? ["application/x-www-form-urlencoded"] : [],
            Body = new MemoryStream("command=delink"u8.ToArray()),
        };
        return WalletId.Parse("wlm_vNb87tTUvbb86bD") is not null && RoutingId.Parse("customer_1122") is not null
            && await DelinkBody.CheckAsync(request, CancellationToken.None) is null;
    }

    /// <summary>Gets the API key from memory.</summary>
    [Benchmark]
    public async Task<bool> LookUpKey() => await _apiKey.GetAsync(CancellationToken.None) is SecretReading<JuspayApiKey>.Held;

    /// <summary>Rewrites Juspay's wallet.</summary>
    [Benchmark]
    public bool RewriteWallet() => WalletAccount.TryRead(Wallet, ApiKey, out _, out _);

    /// <summary>Writes a problem document.</summary>
    [Benchmark]
    public int MapError() => HttpAnswer.Of(_problem, "0af7651916cd43dd8448eb211c80319c").Body.Length;

    /// <summary>Verifies a webhook's signature.</summary>
    [Benchmark]
    public bool VerifyWebhook() => WebhookSignature.IsValid(WebhookSender.Own.Scheme, _headers, Event, _secrets, Now);
}

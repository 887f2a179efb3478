using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using WalletFunctions.Delinking;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>The promises to auditors.</summary>
public sealed partial class AuditTests
{
    private const string Key = "audit-hash-key";
    private const string WithHashes = "--Audit:HashSecretName=" + Key;

    [GeneratedRegex(" (?<name>[a-z_]+)=(?<value>[^ ]*)")]
    private static partial Regex Field { get; }

    [SimulatorFact]
    public async Task Record_HasEveryFieldOfTheSchemaInItsOrder()
    {
        await using var host = await StartWithHashesAsync();

        await host.DelinkAsync();

        var record = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(
            [
                ("v", "1"), ("at", "2026-11-23T10:00:00.000Z"), ("caller", "default"), ("merchant", "-"), ("customer", "-"), ("wallet", "wlm_…86bD"),
                ("customer_hash", "-"), ("wallet_hash", Hash(TestHost.Paytm)), ("hash_key", host.KeyVault.Versions[Key][0]), ("routing_id", "cus…122"),
                ("outcome", "delinked"), ("status", "200"), ("attempts", "1"), ("confirmed", "False"),
                ("juspay_request_id", Value(record, "juspay_request_id")), ("key_version", host.KeyVault.Versions["juspay-api-key"][0]), ("duration_ms", "0"),
                ("trace_id", host.Juspay.Requests[0].Headers["x-request-id"]),
            ],
            record);
        Assert.Contains(host.Transcript.Logs, line => line.Contains("delink_audit " + string.Join(' ', record.Select(field => $"{field.Name}={field.Value}")), StringComparison.Ordinal));
        // The document describes exactly these fields.
        var documented = Regex.Match(Repository.Read("infra/telemetry.md"), @"## The audit record\n.*?\n\n(?<table>\| field.*?)\n\n", RegexOptions.Singleline).Groups["table"].Value;
        Assert.Equal(
            record.Select(field => field.Name).Order(StringComparer.Ordinal),
            documented.Split('\n').Skip(2).SelectMany(row => Regex.Matches(row.Split('|')[1], "[a-z_]+").Select(name => name.Value)).Order(StringComparer.Ordinal));
    }

    [SimulatorFact]
    public async Task Record_OfALongRequest_SaysWhenItArrivedAndHowLongItTook()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 429, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "3" } });

        var delink = host.DelinkAsync();
        await host.Time.WaitForTimerAsync(TimeSpan.FromSeconds(3));
        host.Time.Advance(TimeSpan.FromSeconds(3));
        await delink;

        var record = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(("2026-11-23T10:00:00.000Z", "3000", "2"), (Value(record, "at"), Value(record, "duration_ms"), Value(record, "attempts")));
    }

    [SimulatorFact]
    public async Task RecordsOfACustomer_AreFoundByTheHashOfEachWalletAndOfTheCustomer()
    {
        await using var host = await StartWithHashesAsync();

        await host.DelinkCustomerAsync();

        var wallets = Records(host, "wallet_audit");
        var request = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(new[] { Hash(TestHost.Paytm), Hash(TestHost.Mobikwik) }.Order(StringComparer.Ordinal), wallets.Select(record => Value(record, "wallet_hash")).Order(StringComparer.Ordinal));
        Assert.All(wallets.Append(request), record => Assert.Equal(Hash(TestHost.Customer), Value(record, "customer_hash")));
        Assert.Equal("-", Value(request, "wallet_hash"));
        // Both records have one schema: shared fields have the same name and order.
        Assert.All(wallets, record => Assert.Equal(request.Select(field => field.Name).Except(["routing_id", "status"]), record.Select(field => field.Name)));
    }

    [SimulatorFact]
    public async Task Record_WithoutAConfiguredKey_SaysSo()
    {
        await using var host = await TestHost.StartAsync();

        await host.DelinkAsync();

        var record = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(("-", "-", "not_configured"), (Value(record, "customer_hash"), Value(record, "wallet_hash"), Value(record, "hash_key")));
        Assert.DoesNotContain(Key, host.KeyVault.Versions.Keys);
    }

    [SimulatorFact]
    public async Task Record_WhileTheKeyIsMissing_SaysSoAndTheDelinkIsDone()
    {
        await using var host = await TestHost.StartAsync([WithHashes], simulation => simulation.KeyVault!.Delete(Key));

        Assert.Equal(200, (await host.DelinkAsync()).Status);
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains($"secret_unavailable name={Key} fault=Missing", StringComparison.Ordinal)));

        var record = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(("-", "-", "not_available"), (Value(record, "customer_hash"), Value(record, "wallet_hash"), Value(record, "hash_key")));
    }

    [SimulatorFact]
    public async Task Record_AfterTheKeyWasReplaced_NamesTheNewVersion()
    {
        await using var host = await StartWithHashesAsync();
        await host.DelinkAsync();

        var version = host.KeyVault.Store(Key, new string('k', 32));
        // Both secrets wait for their next read, so two timers must be running.
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 2);
        host.Time.Advance(TimeSpan.FromMinutes(30));
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains($"secret_held name={Key} version={version}", StringComparison.Ordinal)));
        await host.DelinkAsync();

        var record = Records(host, "delink_audit")[^1];
        Assert.Equal((Hash(TestHost.Paytm, new string('k', 32)), version), (Value(record, "wallet_hash"), Value(record, "hash_key")));
    }

    [SimulatorFact]
    public async Task RecordOfACustomer_WhoseKeyIsRotatedAfterTheList_NamesTheKeyThatWasUsedLast()
    {
        await using var host = await TestHost.StartAsync();
        await host.GetAsync("/health/ready");
        var newest = host.KeyVault.Store("juspay-api-key", "a-newer-key");
        host.Fault(new Fault { Method = "POST", Status = 401, Count = 2, Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["x-request-id"] = "of-a-wallet" } });

        await host.DelinkCustomerAsync();

        var record = Assert.Single(Records(host, "delink_audit"));
        Assert.Equal(newest, Value(record, "key_version"));
        Assert.All(Records(host, "wallet_audit"), wallet => Assert.Equal(newest, Value(wallet, "key_version")));
        Assert.Contains(Value(record, "juspay_request_id"), Records(host, "wallet_audit").Select(wallet => Value(wallet, "juspay_request_id")));
    }

    [SimulatorFact]
    public async Task WalletThatFails_IsRecordedUnderTheCodeThatTheCallerSees()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Method = "POST", Status = 409, Count = 2 });

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal("partially_delinked", answer.Code);
        Assert.Equal(["wallet_busy", "wallet_busy"], answer.Json().GetProperty("wallets").EnumerateArray().Select(wallet => wallet.GetProperty("code").GetString()));
        Assert.Equal(["wallet_busy", "wallet_busy"], Records(host, "wallet_audit").Select(record => Value(record, "outcome")));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef", true)]
    [InlineData(" 0123456789abcdef0123456789abcdef\n", true)]
    [InlineData("0123456789abcdef0123456789abcde", false)]
    [InlineData("0123456789abcdef 0123456789abcdef", false)]
    [InlineData("0123456789abcdef0123456789abcdé!", false)]
    public void HashKey_IsAsLongAsTheHash(string stored, bool isUsable)
    {
        Assert.Equal(isUsable, AuditHashKey.TryParse(stored, out var key, out var problem));
        Assert.Equal(isUsable ? null : "it must be 32 to 1024 printable ASCII characters without a space, such as the base64 of 32 random bytes", problem);
        Assert.Equal(isUsable ? Hash("wlt_1", stored.Trim()) : null, key?.Hash("wlt_1"));
        Assert.Equal(isUsable ? "***" : null, key?.ToString());
    }

    /// <summary>Starts a host whose records have hashes from the first on. A record does not wait for the key, so this method does.</summary>
    private static async Task<TestHost> StartWithHashesAsync()
    {
        var host = await TestHost.StartAsync([WithHashes]);
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains($"secret_held name={Key} ", StringComparison.Ordinal)));
        return host;
    }

    private static (string Name, string Value)[][] Records(TestHost host, string name) =>
        [.. host.Transcript.Logs.Where(line => line.Contains($" {name} ", StringComparison.Ordinal))
            .Select(line => Field.Matches(line).Select(match => (match.Groups["name"].Value, match.Groups["value"].Value)).ToArray())];

    private static string Value((string Name, string Value)[] record, string name) => record.Single(field => field.Name == name).Value;

    /// <summary>Computes the hash as infra/operating.md describes.</summary>
    [SimulatorFact]
    public async Task Record_OfAWalletThatWasRead_SaysSo()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        host.Fault(new Fault { Method = "POST", Status = 400, Body = """{"error_info":{"code":"INVALID_ACTION"}}""" });
        await host.DelinkAsync();

        Assert.Equal(
            ["confirmed=False", "confirmed=True"],
            host.Transcript.Logs.Where(line => line.Contains(" delink_audit ", StringComparison.Ordinal)).Select(line => line.Split(' ').Single(field => field.StartsWith("confirmed=", StringComparison.Ordinal))));
    }

    [Fact]
    public void Fields_OfAWallet_AreThoseOfARequestWithoutItsRoutingAndStatus() =>
        Assert.Equal(DelinkAudit.FieldsOfRequests.Except(["routing_id", "status"], StringComparer.Ordinal), DelinkAudit.FieldsOfWallets);

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void HashKey_OfALength_IsUsable(int length, bool isUsable) => Assert.Equal(isUsable, AuditHashKey.TryParse(new string('k', length), out _, out _));

    private static string Hash(string id, string key = Simulation.AuditHashKey) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), Encoding.UTF8.GetBytes(id)))[..32];
}

using System.Text;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The simulators' controls over HTTP, as somebody at a terminal uses them.</summary>
public sealed class SimulatorControlsTests
{
    [Fact]
    public async Task Show_AfterADelink_HasTheWalletUnlinkedAndOneRequest()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();

        var state = (await host.GetAsync("/_simulator")).Json();

        Assert.Equal([false, true], state.GetProperty("wallets").EnumerateArray().Select(wallet => wallet.GetProperty("linked").GetBoolean()));
        var request = Assert.Single(state.GetProperty("juspayRequests").EnumerateArray());
        Assert.Equal(("command=delink", 200), (request.GetProperty("body").GetString(), request.GetProperty("status").GetInt32()));
        Assert.Equal(1, state.GetProperty("keyVaultReads").GetInt32());
    }

    [Fact]
    public async Task Faults_StrikeTheNextRequestsAndNoMore()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);

        var set = await PostAsync(host, "faults", """{"target":"juspay","status":503,"count":2,"moment":"after"}""");
        var answers = new[] { await host.DelinkAsync(), await host.DelinkAsync(), await host.DelinkAsync() };

        Assert.Equal(200, set.Status);
        Assert.Equal([502, 502, 200], answers.Select(answer => answer.Status));
    }

    [Theory]
    [InlineData("""{"target":"juspay","status":503}""", 503)]
    [InlineData("""{"target":"juspay","status":503,"moment":"after"}""", 503)]
    [InlineData("""{"target":"juspay","status":409,"headers":{"Retry-After":"60"}}""", 409)]
    [InlineData("""{"target":"juspay","reset":true}""", null)]
    public async Task Fault_ThatLeavesTheRestOut_StrikesOnceAndAsItSays(string fault, int? status)
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);

        Assert.Equal(200, (await PostAsync(host, "faults", fault)).Status);
        var answers = new[] { await host.DelinkAsync(), await host.DelinkAsync() };

        Assert.Equal(200, answers[1].Status);
        Assert.Equal(status, answers[0].Member("juspay")?.GetProperty("httpStatus").GetInt32());
    }

    [Fact]
    public async Task Faults_OfOneTarget_CanBeTakenBack()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        await PostAsync(host, "faults", """{"target":"juspay","status":503,"count":100}""");
        await PostAsync(host, "faults", """{"target":"keyvault","status":503,"count":100}""");

        var answer = await host.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/_simulator/faults?target=juspay"));

        Assert.Equal("keyvault", Assert.Single(answer.Json().GetProperty("faults").EnumerateArray()).GetProperty("target").GetString());
        Assert.Equal(400, (await host.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/_simulator/faults?target=nobody"))).Status);
        Assert.Equal(200, (await host.DelinkAsync()).Status);
    }

    [Fact]
    public async Task RotateKey_ChangesVaultAndJuspay()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var before = host.Simulation.ApiKey;

        var state = (await PostAsync(host, "rotate-key", "")).Json();
        var answer = await host.DelinkAsync();

        Assert.NotEqual(before, host.Simulation.ApiKey);
        Assert.Equal(2, state.GetProperty("secretVersions").GetProperty("juspay-api-key").GetArrayLength());
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Reset_LinksTheWalletsAgain()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        await PostAsync(host, "faults", """{"target":"juspay","status":503,"count":100}""");

        await PostAsync(host, "reset", "");

        Assert.True(host.IsLinked(TestHost.Paytm));
        Assert.Equal(200, (await host.DelinkAsync()).Status);
    }

    [Fact]
    public async Task AlreadyUnlinked_SwitchesJuspaysAnswer()
    {
        await using var host = await TestHost.StartAsync();
        await PostAsync(host, "already-unlinked", """{"answer":"ALREADY_EXISTS"}""");

        await host.DelinkAsync();
        await host.DelinkAsync();

        Assert.Equal([200, 400, 200], host.Juspay.Requests.Select(request => request.Status!.Value));
    }

    [Fact]
    public async Task Secret_ThatNobodyCanUse_ShowsOnlyInANewProcess()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();

        Assert.Equal(200, (await PostAsync(host, "secret", """{"value":null}""")).Status);

        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.DoesNotContain("juspay-api-key", host.KeyVault.Versions.Keys);
    }

    [Theory]
    [InlineData("faults", "{}}")]
    [InlineData("faults", """{"target":"juspay","cuont":1}""")]
    [InlineData("faults", """{"target":"nobody"}""")]
    [InlineData("faults", """{"count":0}""")]
    [InlineData("secret", "nonsense")]
    [InlineData("already-unlinked", """{"answer":"maybe"}""")]
    public async Task AnyControl_WithNonsense_Is400AndSaysWhy(string control, string body)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await PostAsync(host, control, body);

        Assert.Equal(400, answer.Status);
        Assert.NotEmpty(answer.Member("error")!.Value.GetString()!);
    }

    [Fact]
    public async Task RealTargets_AreNotControlled()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:BaseUrl=http://127.0.0.1:1", "--LocalHost:JuspayApiKey=any-key"]);

        Assert.Equal(400, (await PostAsync(host, "already-unlinked", """{"answer":"200"}""")).Status);
        Assert.Equal("null", (await host.GetAsync("/_simulator")).Member("wallets")!.Value.GetRawText());
    }

    private static Task<Answer> PostAsync(TestHost host, string control, string body) => host.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/_simulator/{control}") { Content = new StringContent(body, Encoding.UTF8, "application/json") });
}

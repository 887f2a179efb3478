using System.Text;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The simulators' controls over HTTP, as a developer uses them at a terminal.</summary>
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
    public async Task Faults_OfOneTarget_CanBeRemoved()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        await PostAsync(host, "faults", """{"target":"juspay","status":503,"count":100}""");
        await PostAsync(host, "faults", """{"target":"keyvault","status":503,"count":100}""");

        var answer = await host.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/_simulator/faults?target=juspay"));

        Assert.Equal("""{"done":"no fault is pending for juspay"}""" + "\n", answer.Body);
        Assert.Equal(FaultTarget.KeyVault, Assert.Single(host.Simulation.Faults.Waiting).Target);
        Assert.Equal(200, (await host.DelinkAsync()).Status);
    }

    [Fact]
    public async Task RotateKey_ChangesVaultAndJuspay()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        var before = host.Simulation.ApiKey;

        Assert.Equal(200, (await PostAsync(host, "rotate-key", "")).Status);
        var answer = await host.DelinkAsync();

        Assert.NotEqual(before, host.Simulation.ApiKey);
        Assert.Equal(2, host.KeyVault.Versions["juspay-api-key"].Count);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task RotateKey_OfAMerchantInOtherLetters_VoidsItsOldKey()
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA", "--LocalHost:FunctionKeys:shop_a=local-key"]);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop_a_customer")).Status);

        Assert.Equal(200, (await PostAsync(host, "rotate-key?merchant=SHOP_A", "")).Status);

        Assert.Equal(200, (await host.DelinkCustomerAsync("shop_a_customer")).Status);
        Assert.Contains(host.Juspay.Requests, request => request.Status is 401);
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

    /// <summary>The clock does not advance, so nothing here waits for the end of a pause.</summary>
    [Theory]
    [InlineData("secret", """{"value":"two\nlines"}""")]
    [InlineData("secret", """{"value":null}""")]
    [InlineData("secret", """{"value":"another-key-than-Juspay-knows"}""")]
    [InlineData("secret", """{"value":"disabled","enabled":false}""")]
    [InlineData("rotate-key", "")]
    [InlineData("faults", """{"target":"keyvault","status":503,"count":1000}""")]
    public async Task Reset_IsAsAtTheStartAndAtOnce(string control, string body)
    {
        await using var host = await TestHost.StartAsync();
        var (keyAtStart, versionsAtStart) = (host.Simulation.ApiKey, host.KeyVault.Versions);
        await PostAsync(host, "already-unlinked", """{"answer":"INVALID_ACTION"}""");
        // From here on, the host has another key than at the start.
        host.RotateKey();
        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.Equal(200, (await PostAsync(host, control, body)).Status);
        // Juspay refuses that key too, so the host reads the vault again, successfully or not.
        host.Juspay.Accept("a-key-that-is-not-stored");
        await host.DelinkAsync();

        var answer = await PostAsync(host, "reset", "");

        Assert.Equal("""{"done":"wallets, requests, the log, faults, switches and secrets are reset"}""" + "\n", answer.Body);
        Assert.Equal((keyAtStart, AlreadyUnlinkedAnswer.Ok), (host.Simulation.ApiKey, host.Juspay.AlreadyUnlinked));
        Assert.Equal(versionsAtStart, host.KeyVault.Versions);
        Assert.Empty(host.Simulation.Faults.Waiting);
        Assert.True(host.IsLinked(TestHost.Paytm));
        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.Equal(200, Assert.Single(host.Juspay.Requests).Status);
        Assert.Equal(200, (await PostAsync(host, "webhooks", """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""")).Member("status")?.GetInt32());
    }

    [Fact]
    public async Task Reset_AfterTheWebhookSecretCouldNotBeRead_TakesWebhooksAtOnce()
    {
        const string Closed = """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""";
        await using var host = await TestHost.StartAsync();
        await PostAsync(host, "faults", """{"target":"keyvault","status":503,"count":1000}""");
        Assert.Equal(503, (await PostAsync(host, "webhooks", Closed)).Member("status")?.GetInt32());

        await PostAsync(host, "reset", "");

        Assert.Equal(200, (await PostAsync(host, "webhooks", Closed)).Member("status")?.GetInt32());
    }

    /// <summary>A request to Juspay, and a read of the API key that a refusal by Juspay starts.</summary>
    [Theory]
    [InlineData("juspay")]
    [InlineData("keyvault")]
    public async Task Reset_WhileARequestIsKeptWaiting_EndsIt(string target)
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        await PostAsync(host, "faults", $$"""{"target":"{{target}}","delayMs":-1,"count":1000}""");
        host.Juspay.Accept(target is "juspay" ? host.Simulation.ApiKey : "a-key-that-is-not-stored");
        var reads = host.KeyVault.Reads;
        var kept = host.DelinkAsync();
        await TestHost.WaitUntilAsync(() => target is "juspay" ? host.Juspay.Requests.Count is 1 : host.KeyVault.Reads > reads);

        await PostAsync(host, "reset", "");

        Assert.Equal(target is "juspay" ? 200 : 502, (await kept).Status);
        await PostAsync(host, "reset", "");
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
    public async Task UnusableSecret_TakesEffectOnlyInANewProcess()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();

        Assert.Equal(200, (await PostAsync(host, "secret", """{"value":null}""")).Status);

        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.DoesNotContain("juspay-api-key", host.KeyVault.Versions.Keys);
    }

    [Theory]
    [InlineData("faults", """{"target":"juspay","status":503,"count":2}""", "this fault affects the next 2 requests to juspay; pending faults: 1")]
    [InlineData("faults", """{"target":"keyvault"}""", "this fault affects the next request to keyvault; pending faults: 1")]
    [InlineData("rotate-key", "", "the API key of the top-level settings is rotated: version ")]
    [InlineData("rotate-key?merchant=shop_a", "", "the API key of shop_a is rotated: version ")]
    [InlineData("secret", """{"value":"a-key"}""", "juspay-api-key has the new version ")]
    [InlineData("secret", """{"value":null,"name":"shop-a-webhook-secret"}""", "shop-a-webhook-secret is deleted from the vault")]
    [InlineData("signature", "any body", "the body is signed: send it with the headers webhook-id, ")]
    [InlineData("signature/shop_a", "any body", "the body is signed: send it with the headers webhook-id, ")]
    [InlineData("already-unlinked", """{"answer":"200"}""", "Juspay answers 200 when a wallet is already unlinked")]
    public async Task AnyControl_SaysInOneLineWhatItHasDone(string control, string body, string done)
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA"]);

        var answer = await PostAsync(host, control, body);

        Assert.StartsWith(done, answer.Member("done")?.GetString(), StringComparison.Ordinal);
        Assert.Equal(answer.Body.Length - 1, answer.Body.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""", """{"status":200,"answer":{"outcome":"delinked",""")]
    [InlineData("""{"merchant":"Shop_A","type":"customer.closed","data":{"customer_id":"shop_a_customer"}}""", """{"status":200,"answer":{"outcome":"delinked",""")]
    [InlineData("""{"type":"order.created"}""", """{"status":200,"answer":{"ignored":true}}""")]
    public async Task Webhook_IsSignedForItsMerchantAndShowsTheAnswerInOneLine(string sent, string answered)
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA"]);

        var answer = await PostAsync(host, "webhooks", sent);

        Assert.StartsWith(answered, answer.Body, StringComparison.Ordinal);
        Assert.Equal(answer.Body.Length - 1, answer.Body.IndexOf('\n', StringComparison.Ordinal));
    }

    [IPv6Fact]
    public async Task Webhook_OverIPv6_IsSent()
    {
        await using var host = await TestHost.StartAsync(["--urls", "http://[::1]:0"]);

        var answer = await PostAsync(host, "webhooks", """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""");

        Assert.Equal((200, 200), (answer.Status, answer.Member("status")?.GetInt32()));
    }

    [Theory]
    [InlineData("faults", "{}}", "the body is not JSON: ")]
    [InlineData("faults", "", "the body is not JSON: ")]
    [InlineData("faults", "[]", "the body must be a JSON object. Fields: target, count, method, moment, status, headers, body, garbageBytes, padToBytes, gzip, delayMs, reset, resetAfterBytes, dripMs")]
    [InlineData("faults", """{"target":"juspay","cuont":1}""", "cuont is not a field of this command. Known: target, count, method, moment, ")]
    [InlineData("faults", """{"target":"nobody"}""", "target must be one of: juspay, keyvault, identity")]
    [InlineData("faults", """{"target":7}""", "target must be one of: juspay, keyvault, identity")]
    [InlineData("faults", """{"target":null}""", "target must be one of: juspay, keyvault, identity")]
    [InlineData("faults", """{"moment":"during"}""", "moment must be one of: before, after")]
    [InlineData("faults", """{"count":0}""", "count must be 1 to 1000000")]
    [InlineData("faults", """{"count":1000001}""", "count must be 1 to 1000000")]
    [InlineData("faults", """{"count":"many"}""", "count must be a whole number")]
    [InlineData("faults", """{"status":1000}""", "status must be 200 to 599")]
    [InlineData("faults", """{"delayMs":-2}""", "delayMs must be 0 to 3600000, or -1 for no answer at all")]
    [InlineData("faults", """{"garbageBytes":-1}""", "garbageBytes must be 0 to 100000000")]
    [InlineData("faults", """{"reset":1}""", "reset must be true or false")]
    [InlineData("faults", """{"headers":null}""", "headers must be an object of strings, for example {\"Retry-After\":\"60\"}")]
    [InlineData("faults", """{"headers":{"Retry-After":60}}""", "headers must be an object of strings, for example {\"Retry-After\":\"60\"}")]
    [InlineData("secret", "nonsense", "the body is not JSON: ")]
    [InlineData("secret", "{}", "value is missing. Fields: value, enabled, expiresOn, name")]
    [InlineData("secret", """{"value":"x","expiresOn":"soon"}""", "expiresOn must be a date and time, for example \"2030-01-31T00:00:00Z\"")]
    [InlineData("secret", """{"value":"x","name":"juspay-apikey"}""", "name must be one of: webhook-signing-secret, juspay-api-key, shop-a-juspay-api-key, shop-a-webhook-secret")]
    [InlineData("already-unlinked", """{"answer":"maybe"}""", "answer must be one of: 200, INVALID_ACTION, ALREADY_EXISTS")]
    [InlineData("already-unlinked", "{}", "answer is missing. Fields: answer")]
    [InlineData("signature/of-nobody", "{}", "merchant must be one of: shop_a")]
    [InlineData("webhooks", """{"data":{}}""", "type is missing. Fields: type, data, merchant")]
    [InlineData("webhooks", """{"type":null}""", "type must be a string")]
    [InlineData("webhooks", """{"type":"order.created","merchant":"shop_b"}""", "merchant must be one of: shop_a")]
    [InlineData("rotate-key?merchant=shop_b", "", "merchant must be one of: shop_a")]
    [InlineData("rotate-key?mercant=shop_a", "", "mercant is not a field of this command. Known: merchant")]
    public async Task AnyControl_WithNonsense_NamesTheFieldAndWhatIsPossible(string control, string body, string problem)
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA"]);

        var answer = await PostAsync(host, control, body);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith(problem, answer.Member("error")?.GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Simulation.Faults.Waiting);
        Assert.Single(host.KeyVault.Versions["juspay-api-key"]);
    }

    [Theory]
    [InlineData("DELETE", "faults?target=nobody", 400, "target must be one of: juspay, keyvault, identity")]
    [InlineData("DELETE", "faults?target=1", 400, "target must be one of: juspay, keyvault, identity")]
    [InlineData("POST", "rotate-key?merchant=shop_a", 400, "merchant must be left out, since no merchant is configured. Example: --Merchants:shop_a:MerchantId=ShopA")]
    [InlineData("POST", "rotatekey", 404, "unknown command. Commands: GET /_simulator; POST /_simulator/faults, ")]
    [InlineData("GET", "reset", 404, "unknown command. Commands: GET /_simulator; POST /_simulator/faults, ")]
    public async Task AnyControl_ThatDoesNotExist_NamesThoseThatDo(string method, string control, int status, string problem)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await host.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), $"/_simulator/{control}"));

        Assert.Equal(status, answer.Status);
        Assert.StartsWith(problem, answer.Member("error")?.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RealTargets_AreNotControlled()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:BaseUrl=http://127.0.0.1:1", "--LocalHost:JuspayApiKey=any-key"]);

        Assert.Equal(400, (await PostAsync(host, "already-unlinked", """{"answer":"200"}""")).Status);
        Assert.Equal("Juspay is real, so faults do not affect it", (await PostAsync(host, "faults", """{"status":503}""")).Member("error")?.GetString());
        Assert.Equal("no queue is simulated. Example: --Webhooks:Intake=queue", (await PostAsync(host, "faults", """{"target":"queue"}""")).Member("error")?.GetString());
        Assert.Equal("Juspay is real: it does not know a key that is made here", (await PostAsync(host, "rotate-key", "")).Member("error")?.GetString());
        Assert.Equal(200, (await PostAsync(host, "faults", """{"target":"keyvault","status":503}""")).Status);
        Assert.Equal("null", (await host.GetAsync("/_simulator")).Member("wallets")!.Value.GetRawText());
    }

    /// <summary>The vault has no key that a real Juspay would refuse, and takes one.</summary>
    [Fact]
    public async Task RealJuspay_WithoutAnApiKey_TakesOneFromACommand()
    {
        await using var real = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA", "--LocalHost:FunctionKeys:shop_a=local-key"]);
        await using var host = await TestHost.StartAsync(
            ["--Merchants:shop_a:MerchantId=ShopA", "--LocalHost:FunctionKeys:shop_a=local-key", $"--Juspay:BaseUrl={real.Juspay.BaseUrl}"]);

        Assert.Equal("api_key_not_configured", (await host.DelinkCustomerAsync("shop_a_customer")).Code);
        Assert.Empty(real.Juspay.Requests);
        var stored = await PostAsync(host, "secret", $$"""{"name":"shop-a-juspay-api-key","value":"{{real.Simulation.AllApiKeys[1]}}"}""");
        host.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(200, stored.Status);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop_a_customer")).Status);
    }

    [Fact]
    public async Task Reset_ClearsTheLog()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkAsync();
        Assert.Contains("delink_audit", (await host.GetAsync("/_simulator")).Body, StringComparison.Ordinal);

        await PostAsync(host, "reset", "");

        Assert.Empty((await host.GetAsync("/_simulator")).Json().GetProperty("log").EnumerateArray());
    }

    private static Task<Answer> PostAsync(TestHost host, string control, string body) => host.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/_simulator/{control}") { Content = new StringContent(body, Encoding.UTF8, "application/json") });
}

using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>The promises to operators and callers, tested from outside.</summary>
public abstract class PromiseTests(Hosts hosts)
{
    [SimulatorFact]
    public async Task Delink_ReachesJuspayAsOneDocumentedRequest()
    {
        await using var host = await hosts.StartAsync(["--Juspay:MerchantId=Merchant_A"]);

        await host.DelinkAsync();

        var request = Assert.Single(host.Juspay.Requests);
        Assert.Equal(("POST", "/wallets/wlm_vNb87tTUvbb86bD"), (request.Method, request.Path));
        Assert.Equal("the Juspay API key, hidden here", request.Authorization);
        Assert.Equal(("sized", "command=delink"), (request.Framing, request.Body));
        Assert.Equal("application/x-www-form-urlencoded", request.Headers["content-type"]);
        Assert.Equal(TestHost.Customer, request.Headers["x-routing-id"]);
        Assert.Equal("Merchant_A", request.Headers["x-merchantid"]);
        Assert.StartsWith("WalletFunctions/", request.Headers["user-agent"], StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", request.Headers["x-request-id"]);
        Assert.DoesNotContain("cookie", request.Headers.Keys);
        Assert.DoesNotContain("traceparent", request.Headers.Keys);
    }

    /// <summary>The request of Juspay's PHP SDK 2.0.0, for the wallet id <c>wlm_…?code=…</c>: no header can be added to it.</summary>
    [SimulatorFact]
    public async Task Delink_SentByJuspaysSdk_ReachesJuspayAsAnyOther()
    {
        await using var host = await hosts.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{TestHost.Paytm}?code={TestHost.Key}") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("Authorization", "Basic dW51c2VkOg==");
        request.Headers.Add("x-merchantid", "of-nobody");
        request.Headers.Add("x-customerid", TestHost.Customer);

        var answer = await host.SendAsync(request, key: null);

        Assert.Equal(200, answer.Status);
        var received = Assert.Single(host.Juspay.Requests);
        Assert.Equal("the Juspay API key, hidden here", received.Authorization);
        Assert.Equal(TestHost.Customer, received.Headers["x-routing-id"]);
        Assert.DoesNotContain("x-customerid", received.Headers.Keys);
        Assert.DoesNotContain("of-nobody", received.Headers.Values);
    }

    [SimulatorTheory]
    [InlineData("x-customerid")]
    [InlineData("x-routing-id")]
    public async Task DelinkCustomer_WithAnotherRoutingId_ReachesJuspayWithIt(string header)
    {
        await using var host = await hosts.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, $"/customers/{TestHost.Customer}/delink") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add(header, "cart_7");

        await host.SendAsync(request);

        Assert.All(host.Juspay.Requests, received => Assert.Equal("cart_7", received.Headers["x-routing-id"]));
        Assert.NotEmpty(host.Juspay.Requests);
    }

    [SimulatorFact]
    public async Task Delink_Retried_KeepsItsRequestId()
    {
        await using var host = await hosts.StartAsync();
        host.Fault(new Fault { Status = 503, Count = 2 });

        await host.DelinkAsync();

        Assert.Equal(3, host.Juspay.Requests.Count);
        Assert.Single(host.Juspay.Requests.Select(request => request.Headers["x-request-id"]).Distinct(StringComparer.Ordinal));
    }

    [SimulatorTheory]
    [InlineData(AlreadyUnlinkedAnswer.Ok)]
    [InlineData(AlreadyUnlinkedAnswer.InvalidAction)]
    [InlineData(AlreadyUnlinkedAnswer.AlreadyExists)]
    public async Task Delink_Repeated_Is200ForEveryAnswerOfJuspayToRepeats(AlreadyUnlinkedAnswer answer)
    {
        await using var host = await hosts.StartAsync();
        host.Juspay.AlreadyUnlinked = answer;

        var first = await host.DelinkAsync();
        var second = await host.DelinkAsync();

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.Equal(first.Body, second.Body);
    }

    [SimulatorFact]
    public async Task KeyRotation_WhileRequestsRun_FailsNoneAndReadsTheVaultTwice()
    {
        await using var host = await hosts.StartAsync(fresh: true);
        var statuses = new List<int>();
        for (var round = 0; round < 10; round++)
        {
            var burst = Enumerable.Range(0, 20).Select(_ => host.DelinkAsync()).ToArray();
            if (round is 5)
            {
                host.RotateKey();
            }

            statuses.AddRange((await Task.WhenAll(burst)).Select(answer => answer.Status));
        }

        Assert.All(statuses, status => Assert.Equal(200, status));
        Assert.Equal(200, statuses.Count);
        Assert.Equal(2, host.KeyVault.Reads);
    }

    [SimulatorTheory]
    [InlineData("/wallets/" + TestHost.Paytm, 1)]
    [InlineData($"/customers/{TestHost.Customer}/delink", 2)]
    public async Task Caller_WhoHangsUp_CancelsTheDelink(string path, int delinks)
    {
        await using var host = await hosts.StartAsync();
        host.Fault(new Fault { Method = "POST", DelayMs = -1, Count = 10 });
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("x-functions-key", TestHost.Key);
        request.Headers.Add("x-routing-id", TestHost.Customer);
        var delink = host.Client.SendAsync(request, hangUp.Token);
        await TestHost.WaitUntilAsync(() => host.Delinks == delinks);

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delink);
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains("delink_audit", StringComparison.Ordinal)));
        Assert.Contains(" outcome=caller_cancelled ", Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal)), StringComparison.Ordinal);
        // Without the cancellation, the attempt would time out and be repeated.
        Assert.Equal(delinks, host.Delinks);
    }

    [SimulatorFact]
    public async Task EveryRequest_LeavesOneAuditRecord()
    {
        await using var host = await hosts.StartAsync(["--LocalHost:FunctionKeys:shop-a=local-key"]);
        await host.DelinkAsync();
        await host.DelinkAsync("wlt_ofNobody");
        await host.DelinkAsync("not.an.id");
        await host.DelinkAsync(routingId: null);
        await host.DelinkAsync(body: "command=link");

        var records = host.Transcript.Logs.Where(line => line.Contains("delink_audit", StringComparison.Ordinal)).ToArray();

        Assert.Equal(
            ["delinked", "wallet_not_found", "invalid_wallet_id", "invalid_routing_id", "unsupported_command"],
            records.Select(record => record.Split("outcome=")[1].Split(' ')[0]));
        Assert.All(records, record => Assert.Contains("caller=shop-a", record, StringComparison.Ordinal));
        Assert.Contains("wallet=wlm_…86bD", records[0], StringComparison.Ordinal);
        Assert.Contains($"key_version={host.KeyVault.Versions["juspay-api-key"][0]}", records[0], StringComparison.Ordinal);
        Assert.Contains($"trace_id={host.Juspay.Requests[0].Headers["x-request-id"]}", records[0], StringComparison.Ordinal);
    }

    [SimulatorFact]
    public async Task AuditRecord_WithForeignText_StaysOneRecord()
    {
        await using var host = await hosts.StartAsync(["--LocalHost:FunctionKeys:shop\u001b[31m a\noutcome=local-key"]);
        host.Fault(new Fault { Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT","request_id":"r\r\ndelink_audit caller=x outcome=delinked"}}""" });

        await host.DelinkAsync(routingId: "a= outcome=delinked =b");

        var record = Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal));
        Assert.Single(record.Split("outcome=").Skip(1));
        Assert.DoesNotContain(record, char.IsControl);
    }

    [SimulatorFact]
    public async Task JuspayThatRepeatsOurCredentials_LeaksNothing()
    {
        await using var host = await hosts.StartAsync();
        var key = host.Simulation.ApiKey;
        var basic = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(key + ":"));
        host.Fault(new Fault { Status = 400, Body = $$$"""{"error_message":"who is {{{key}}}","error_code":"{{{basic}}}","error_info":{"request_id":"{{{key}}}"}}""" });

        var answer = await host.DelinkAsync();

        Assert.Equal("who is ***", answer.Member("juspay")?.GetProperty("message").GetString());
        // The host searches this at its end: every log line, answer and exception.
        host.Transcript.AssertHoldsNone([key], [TestHost.Paytm]);
    }
}

/// <inheritdoc />
public sealed class LocalHostPromiseTests() : PromiseTests(new LocalHosts())
{
    [SimulatorFact]
    public async Task VaultDown_AfterTheFirstRead_FailsNone()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Reset = true, Count = Fault.MaxCount });

        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30));
        host.Time.Advance(TimeSpan.FromMinutes(30));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(30), count: 2);

        Assert.Equal(200, (await host.DelinkAsync()).Status);
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
    }

    [SimulatorFact]
    public async Task VaultDown_FromTheStart_Recovers()
    {
        await using var host = await TestHost.StartAsync(
            prepare: simulation => simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = Fault.MaxCount }));
        ContractTests.AssertProblem(await host.DelinkAsync(), 503, "api_key_unavailable", retryable: true);
        await host.Time.WaitForTimerAsync(CachedSecret<JuspayApiKey>.PauseAfterFailure);

        host.Simulation.Reset();
        host.Time.Advance(CachedSecret<JuspayApiKey>.PauseAfterFailure);

        Assert.Equal(200, (await host.DelinkAsync()).Status);
    }

    [SimulatorFact]
    public async Task Juspay_WithAnUntrustedCertificate_GetsNoRequest()
    {
        // A listener there counts its requests.
        await using var host = await TestHost.StartAsync(configure: (builder, simulation, _) => builder.Configuration["Juspay:BaseUrl"] = simulation.KeyVault!.BaseUrl);

        ContractTests.AssertProblem(await host.DelinkAsync(), 502, "juspay_unavailable", retryable: true);
        Assert.Equal(1, host.KeyVault.Reads);
    }

    [SimulatorFact]
    public async Task Transcript_WithALeak_IsCaught()
    {
        await using var host = await TestHost.StartAsync();
        using var transcript = new Transcript();
        transcript.AddAnswer($"the key is {host.Simulation.ApiKey}");

        Assert.Throws<Xunit.Sdk.DoesNotContainException>(() => transcript.AssertHoldsNone([host.Simulation.ApiKey], []));
    }
}

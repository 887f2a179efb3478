using System.Text.Json;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary><c>POST /customers/{customer_id}/delink</c>: every wallet is delinked, and each answer agrees with Juspay's state.</summary>
public sealed class CustomerTests
{
    /// <summary>The faults of the n-th request to Juspay, by names that a test report can show.</summary>
    private static readonly Dictionary<string, Fault> Kinds = new(StringComparer.Ordinal)
    {
        ["500"] = new() { Status = 500 },
        ["503"] = new() { Status = 503 },
        ["408"] = new() { Status = 408 },
        ["429 for a minute"] = new() { Status = 429, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "60" } },
        ["400"] = new() { Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" },
        ["401"] = new() { Status = 401 },
        ["403"] = new() { Status = 403 },
        ["404 enveloped"] = new() { Status = 404, Body = """{"error_info":{"code":"RESOURCE_NOT_FOUND"}}""" },
        ["404 page"] = new() { Status = 404, Body = "<html/>" },
        ["409"] = new() { Status = 409 },
        ["302"] = new() { Status = 302 },
        ["HTML"] = new() { Status = 200, Body = "<html>Welcome</html>" },
        ["empty"] = new() { Status = 200, Body = "" },
        ["truncated"] = new() { Status = 200, Body = """{"list":[{"id":"wlt_0""" },
        ["garbage"] = new() { Status = 200, GarbageBytes = 300 },
        ["entry without a state"] = new() { Status = 200, Body = """{"list":[{"id":"wlt_00"}],"offset":0,"count":1,"total":1}""" },
        ["entry with a bad id"] = new() { Status = 200, Body = """{"list":[{"id":"../x","linked":true}],"offset":0,"count":1,"total":1}""" },
        ["reset"] = new() { Reset = true },
        ["cut"] = new() { ResetAfterBytes = 15 },
        ["slow"] = new() { DelayMs = 20 },
        ["drip"] = new() { DripMs = 0 },
        ["silence"] = new() { DelayMs = -1 },
    };

    public static IEnumerable<object[]> Faults =>
        from kind in Kinds.Keys
        from place in new[] { "first page", "later page", "first wallet", "third wallet" }
        from moment in new[] { FaultMoment.Before, FaultMoment.After }
        from count in new[] { 1, 100 }
        select new object[] { kind, place, moment, count };

    [SimulatorFact]
    public async Task Delink_SeededCustomer_UnlinksBothWallets()
    {
        await using var host = await TestHost.StartAsync();

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(
            """{"customer_id":"customer_1122","wallets":[{"id":"wlm_vNb87tTUvbb86bD","wallet":"PAYTM","outcome":"delinked"},{"id":"wlt_q23xzki3pazgtezo","wallet":"MOBIKWIK","outcome":"delinked"}],"delinked":2,"already_unlinked":0,"failed":0}""",
            answer.Body);
        Assert.All(host.Juspay.Wallets, wallet => Assert.False(wallet.Linked));
    }

    [SimulatorFact]
    public async Task Delink_Again_FindsAllUnlinkedAndSendsNothing()
    {
        await using var host = await TestHost.StartAsync();
        await host.DelinkCustomerAsync();
        var before = host.Delinks;

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal((200, 0, 2, 0), (answer.Status, Number(answer, "delinked"), Number(answer, "already_unlinked"), Number(answer, "failed")));
        Assert.All(answer.Json().GetProperty("wallets").EnumerateArray(), wallet => Assert.Equal("already_unlinked", wallet.GetProperty("outcome").GetString()));
        Assert.Equal(before, host.Delinks);
    }

    [SimulatorFact]
    public async Task Delink_ManyPages_ReadsThemAll()
    {
        await using var host = await StartWithWalletsAsync(25, pageSize: 4);

        var answer = await host.DelinkCustomerAsync("many");

        Assert.Equal((200, 25), (answer.Status, Number(answer, "delinked")));
        Assert.Equal(25, answer.Json().GetProperty("wallets").EnumerateArray().Select(wallet => wallet.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(7, host.Juspay.Requests.Count(request => request.Path.StartsWith("/customers/many/wallets", StringComparison.Ordinal)));
    }

    [SimulatorFact]
    public async Task Delink_20Pages_ReadsThemAll()
    {
        await using var host = await StartWithWalletsAsync(20, pageSize: 1);

        var answer = await host.DelinkCustomerAsync("many");

        Assert.Equal((200, 20), (answer.Status, Number(answer, "delinked")));
    }

    [SimulatorFact]
    public async Task Delink_MoreThan20Pages_ClaimsNothing()
    {
        await using var host = await StartWithWalletsAsync(21, pageSize: 1);

        var answer = await host.DelinkCustomerAsync("many");

        ContractTests.AssertProblem(answer, 502, "juspay_unexpected_response", retryable: true);
        Assert.Equal("The customer has wallets on more than 20 pages. This call delinked none, since it could not have delinked all.", Detail(answer));
        Assert.Equal(0, host.Delinks);
    }

    [SimulatorFact]
    public async Task Delink_JuspayThatRepeatsItsFirstPage_ClaimsNothing()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault
        {
            Method = "GET",
            Count = 100,
            Status = 200,
            Body = """{"list":[{"id":"wlm_vNb87tTUvbb86bD","linked":true}],"offset":0,"count":1,"total":3}""",
        });

        var answer = await host.DelinkCustomerAsync();

        ContractTests.AssertProblem(answer, 502, "juspay_unexpected_response", retryable: true);
        Assert.StartsWith("Juspay's list of wallets repeats a page", Detail(answer), StringComparison.Ordinal);
        Assert.Equal((2, 0), (host.Juspay.Requests.Count, host.Delinks));
    }

    [SimulatorFact]
    public async Task Delink_ListThatCannotBeHad_SaysThatNoneWasDelinked()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 503, Count = 100 });

        var answer = await host.DelinkCustomerAsync();

        ContractTests.AssertProblem(answer, 502, "juspay_unavailable", retryable: true);
        Assert.Contains("this call delinked none", Detail(answer), StringComparison.Ordinal);
    }

    [SimulatorFact]
    public async Task Delink_ListThatJuspayRefuses_SaysWhy()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" });

        var answer = await host.DelinkCustomerAsync();

        ContractTests.AssertProblem(answer, 422, "juspay_rejected", retryable: false);
        Assert.StartsWith("Juspay refuses the request.", Detail(answer), StringComparison.Ordinal);
    }

    [SimulatorFact]
    public async Task Delink_ListThatDoesNotArriveInTime_SaysThatNoneWasDelinked()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { DelayMs = -1, Count = 100 });

        var answer = await host.WaitOutSilenceAsync(host.DelinkCustomerAsync());

        ContractTests.AssertProblem(answer, 504, "juspay_timeout", retryable: true);
        Assert.Contains("this call delinked none", Detail(answer), StringComparison.Ordinal);
    }

    [SimulatorFact]
    public async Task Delink_ListThatEndsBeforeItsTotal_ClaimsNothing()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Method = "GET", Status = 200, Body = """{"list":[{"id":"wlm_vNb87tTUvbb86bD","linked":true}],"offset":0,"count":1,"total":9}""" });
        host.Fault(new Fault { Method = "GET", Status = 200, Body = """{"list":[],"offset":1,"count":0,"total":9}""" });

        var answer = await host.DelinkCustomerAsync();

        ContractTests.AssertProblem(answer, 502, "juspay_unexpected_response", retryable: true);
        Assert.StartsWith("Juspay's list of wallets ends before the total that it names.", Detail(answer), StringComparison.Ordinal);
        Assert.Equal(0, host.Delinks);
    }

    [SimulatorFact]
    public async Task Delink_WalletsThatJuspayThrottles_HandsOnTheLongestWait()
    {
        await using var host = await TestHost.StartAsync();
        foreach (var wait in new[] { "90", "60" })
        {
            host.Throttle("POST", wait);
        }

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal(("partially_delinked", "90"), (answer.Code, answer.RetryAfter));
    }

    /// <summary>Juspay knows a customer whose wallets it listed, so a sender must not be told that there is nothing to delink.</summary>
    [SimulatorFact]
    public async Task Delink_LaterPageThatIsNotFound_ClaimsNothing()
    {
        await using var host = await TestHost.StartAsync();
        for (var call = 0; call < 2; call++)
        {
            host.Fault(new Fault { Method = "GET", Status = 200, Body = """{"list":[{"id":"wlm_vNb87tTUvbb86bD","linked":true}],"offset":0,"count":1}""" });
            host.Fault(new Fault { Method = "GET", Status = 404, Body = """{"error_info":{"code":"RESOURCE_NOT_FOUND"}}""" });
        }

        var answer = await host.DelinkCustomerAsync();
        var webhook = await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""");

        ContractTests.AssertProblem(answer, 502, "juspay_unexpected_response", retryable: true);
        Assert.Equal((404, "RESOURCE_NOT_FOUND"), (answer.Member("juspay")?.GetProperty("httpStatus").GetInt32(), answer.Member("juspay")?.GetProperty("code").GetString()));
        Assert.Equal((503, "juspay_unexpected_response"), (webhook.Status, webhook.Code));
        Assert.Equal(0, host.Delinks);
    }

    [SimulatorFact]
    public async Task Delink_CustomerWithoutWallets_IsDone()
    {
        await using var host = await TestHost.StartAsync();

        var answer = await host.DelinkCustomerAsync(SimulatedJuspay.CustomerWithoutWallets);

        Assert.Equal((200, 0), (answer.Status, answer.Json().GetProperty("wallets").GetArrayLength()));
    }

    [SimulatorFact]
    public async Task Delink_RoutingId_DefaultsToTheCustomer()
    {
        await using var host = await TestHost.StartAsync();

        await host.DelinkCustomerAsync();
        await host.DelinkCustomerAsync(routingId: "cart_7");

        Assert.Equal([TestHost.Customer, TestHost.Customer, TestHost.Customer, "cart_7"], host.Juspay.Requests.Select(request => request.Headers["x-routing-id"]));
    }

    [SimulatorTheory]
    [InlineData("one,two", "command=delink", "invalid_routing_id")]
    [InlineData("", "command=delink", "invalid_routing_id")]
    [InlineData("cart_7", "command=link", "unsupported_command")]
    [InlineData("cart_7", "", "unsupported_command")]
    public async Task Delink_WithAMistake_IsRefusedBeforeAnythingIsSent(string routingId, string body, string code)
    {
        await using var host = await TestHost.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, $"/customers/{TestHost.Customer}/delink")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.TryAddWithoutValidation("x-routing-id", routingId);

        ContractTests.AssertProblem(await host.SendAsync(request), 400, code, retryable: false);
        Assert.Empty(host.Juspay.Requests);
    }

    [SimulatorTheory]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("..%2Fx")]
    [InlineData("a%3Fb")]
    public async Task Delink_PathThatIsNoCustomerId_NeverReachesJuspay(string customerId)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await host.DelinkCustomerAsync(customerId);

        Assert.True(answer.Status is 404 || answer.Code is "invalid_customer_id", answer.Body);
        Assert.Empty(host.Juspay.Requests);
    }

    [SimulatorTheory]
    [InlineData("a.b")]
    [InlineData("a@b.example")]
    [InlineData("a+b")]
    public async Task Delink_OtherCustomerIds_Arrive(string customerId)
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal("customer_not_found", (await host.DelinkCustomerAsync(customerId)).Code);
        Assert.Equal($"/customers/{customerId}/wallets", Assert.Single(host.Juspay.Requests).Path);
    }

    [SimulatorFact]
    public async Task Delink_FourAtATime_AndNoMore()
    {
        await using var host = await StartWithWalletsAsync(12, pageSize: 50);
        host.Fault(new Fault { Method = "POST", DelayMs = -1, Count = 100 });
        var delink = host.DelinkCustomerAsync("many");

        await TestHost.WaitUntilAsync(() => host.Delinks is 4);
        host.Time.Advance(TimeSpan.FromSeconds(30));

        var answer = await delink;
        Assert.Equal((502, "partially_delinked", 12), (answer.Status, answer.Code, Number(answer, "failed")));
        Assert.Equal("12 of 12 wallets may still be linked; see 'wallets'. Repeat the call to delink the others: delinking twice is harmless.", Detail(answer));
        Assert.Equal(4, host.Delinks);
        Assert.All(answer.Json().GetProperty("wallets").EnumerateArray(), wallet =>
            Assert.Equal(("failed", "juspay_timeout"), (wallet.GetProperty("outcome").GetString(), wallet.GetProperty("code").GetString())));
    }

    /// <summary>A wait that does not fit into the customer's time is not begun, so the caller gets Juspay's answer at once.</summary>
    [SimulatorFact]
    public async Task Delink_WalletWhoseWaitExceedsTheCustomersTime_EndsWithJuspaysAnswer()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Method = "GET", Status = 429, Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "20" } });
        host.Fault(new Fault { Method = "POST", Status = 429, Count = 2, Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "12" } });

        var delink = host.DelinkCustomerAsync();
        await host.Time.WaitForTimerAsync(TimeSpan.FromSeconds(20));
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var answer = await delink;

        Assert.Equal("partially_delinked", answer.Code);
        Assert.All(answer.Json().GetProperty("wallets").EnumerateArray(), wallet => Assert.Equal("juspay_throttled", wallet.GetProperty("code").GetString()));
    }

    [SimulatorFact]
    public async Task Delink_ForAnAuditor_LeavesARecordOfTheRequestAndOfEachWallet()
    {
        await using var host = await TestHost.StartAsync();

        await host.DelinkCustomerAsync();

        var request = Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal));
        Assert.Contains("customer=cus…122 wallet=- ", request, StringComparison.Ordinal);
        Assert.Contains(" outcome=delinked status=200 ", request, StringComparison.Ordinal);
        Assert.Equal(2, host.Transcript.Logs.Count(line => line.Contains("wallet_audit", StringComparison.Ordinal) && line.Contains("outcome=delinked", StringComparison.Ordinal)));
    }

    [SimulatorFact]
    public async Task Delink_AfterTheDeadline_CountsOnlyTheDelinksThatLeft()
    {
        await using var host = await StartWithWalletsAsync(12, pageSize: 50);
        host.Fault(new Fault { Method = "POST", DelayMs = -1, Count = 100 });
        var delink = host.DelinkCustomerAsync("many");
        await TestHost.WaitUntilAsync(() => host.Delinks is 4);

        host.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("partially_delinked", (await delink).Code);
        var records = host.Transcript.Logs.Where(line => line.Contains(" wallet_audit ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(12, records.Length);
        Assert.All(records, record => Assert.Contains(" outcome=juspay_timeout ", record, StringComparison.Ordinal));
        Assert.Equal(4, records.Count(record => record.Contains(" attempts=1 ", StringComparison.Ordinal)));
        Assert.Equal(8, records.Count(record => record.Contains(" attempts=0 ", StringComparison.Ordinal)));
        Assert.Contains(" attempts=4 ", Assert.Single(host.Transcript.Logs, line => line.Contains(" delink_audit ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [SimulatorTheory]
    [MemberData(nameof(Faults))]
    public async Task Delink_WithAFaultAnywhere_NeverClaimsTooMuchAndARepeatFinishes(string kind, string place, FaultMoment moment, int count)
    {
        await using var host = await StartWithWalletsAsync(6, pageSize: 2);
        var passes = place switch { "later page" => 1, "third wallet" => 2, _ => 0 };
        var method = place.EndsWith("page", StringComparison.Ordinal) ? "GET" : "POST";
        if (passes > 0)
        {
            host.Fault(new Fault { Method = method, Count = passes });
        }

        host.Fault(Kinds[kind] with { Method = method, Moment = moment, Count = count });

        var first = await host.WaitOutSilenceAsync(host.DelinkCustomerAsync("many"));
        AssertNoMoreThanTheTruth(host, first);
        host.Simulation.Faults.Clear();
        var second = await host.DelinkCustomerAsync("many");

        Assert.Equal((200, 0), (second.Status, Number(second, "failed")));
        Assert.All(host.Juspay.Wallets.Where(wallet => wallet.CustomerId is "many"), wallet => Assert.False(wallet.Linked));
    }

    private static void AssertNoMoreThanTheTruth(TestHost host, Answer answer)
    {
        var linked = host.Juspay.Wallets.Where(wallet => wallet.Linked).Select(wallet => wallet.Id).ToHashSet(StringComparer.Ordinal);
        var wallets = answer.Member("wallets") is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray().ToArray() : [];
        Assert.All(wallets.Where(wallet => wallet.GetProperty("outcome").GetString() is not "failed"), wallet => Assert.DoesNotContain(wallet.GetProperty("id").GetString()!, linked));
        if (answer.Status is 200)
        {
            Assert.Equal(6, wallets.Length);
            Assert.DoesNotContain(host.Juspay.Wallets, wallet => wallet is { CustomerId: "many", Linked: true });
        }
        else if (wallets.Length > 0)
        {
            ContractTests.AssertProblem(answer, 502, "partially_delinked", retryable: true);
            Assert.Equal(wallets.Count(wallet => wallet.GetProperty("outcome").GetString() is "failed"), Number(answer, "failed"));
        }
        else
        {
            // No wallet was listed, so no delink was sent.
            Assert.Equal(0, host.Delinks);
        }
    }

    private static async Task<TestHost> StartWithWalletsAsync(int count, int pageSize)
    {
        var host = await TestHost.StartAsync();
        host.Juspay.PageSize = pageSize;
        for (var i = 0; i < count; i++)
        {
            host.Juspay.Put(new SimulatedWallet($"wlt_{i:D2}", "many", i % 2 is 0 ? "PAYTM" : "MOBIKWIK", Linked: true));
        }

        return host;
    }

    private static string? Detail(Answer answer) => answer.Member("detail")?.GetString();

    private static int? Number(Answer answer, string name) => answer.Member(name)?.GetInt32();
}

using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Http;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Contract;

/// <summary><c>POST /webhooks/delink</c>, tested as a sender uses it.</summary>
public abstract class WebhookTests(Hosts hosts)
{
    private protected const string OtherSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private protected const string Closed = """{"type":"customer.closed","timestamp":"2026-11-23T10:00:00Z","data":{"customer_id":"customer_1122"}}""";

    [SimulatorTheory]
    [InlineData("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""", false, true)]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""", false, false)]
    [InlineData("""{"type":"customer.consent_withdrawn","data":{"customer_id":"customer_1122","wallet_id":"wlm_vNb87tTUvbb86bD"}}""", false, false)]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/accounts","type":"customer.closed","datacontenttype":"application/json","data":{"customer_id":"customer_1122"}}""", false, false)]
    [InlineData("""{"type":"account.deleted","data":{"customer_id":"customer_1122"}}""", false, false)]
    [InlineData("""{"type":"card.removed","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""", false, true)]
    [InlineData("""{"type":"order.created","data":{"customer_id":"customer_1122"}}""", true, true)]
    [InlineData("""{"type":"order.created"}""", true, true)]
    public async Task Event_OfAType_DelinksWhatItNames(string body, bool paytmLinked, bool mobikwikLinked)
    {
        await using var host = await hosts.StartAsync(["--Webhooks:CustomerEvents=account.deleted", "--Webhooks:WalletEvents=card.removed card.lost"]);

        var answer = await host.SendEventAsync(body);

        Assert.Equal(200, answer.Status);
        Assert.Equal((paytmLinked, mobikwikLinked), (host.IsLinked(TestHost.Paytm), host.IsLinked(TestHost.Mobikwik)));
        Assert.Equal(paytmLinked ? """{"ignored":true}""" : null, paytmLinked ? answer.Body : null);
        Assert.Equal(paytmLinked ? "ignored" : "delinked", OutcomeInAudit(host));
    }

    [SimulatorFact]
    public async Task Event_ForOneWallet_AnswersDelinkedAndRoutesByTheCustomer()
    {
        await using var host = await hosts.StartAsync();

        var answer = await host.SendEventAsync("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""", id: "msg_1");

        Assert.Equal("""{"outcome":"delinked"}""", answer.Body);
        Assert.Equal(TestHost.Customer, Assert.Single(host.Juspay.Requests).Headers["x-routing-id"]);
        Assert.Contains("caller=webhook:msg_1", Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [SimulatorTheory]
    [InlineData("not json", "JSON")]
    [InlineData("[]", "body:/type")]
    [InlineData("{}", "body:/type")]
    [InlineData("""{"type":"","data":{}}""", "body:/type")]
    [InlineData("""{"type":[],"data":{}}""", "body:/type")]
    [InlineData("""{"type":"customer.closed"}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":[]}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":".."}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":7.0}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":7e1}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":-7}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":true}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":"a","customer_id":"b"}}""", "JSON")]
    [InlineData("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD"}}""", "body:/data/customer_id")]
    [InlineData("""{"type":"wallet.delink_requested","data":{"wallet_id":"../x","customer_id":"customer_1122"}}""", "body:/data/wallet_id")]
    [InlineData("""{"type":"wallet.delink_requested","data":{"wallet_id":null,"customer_id":"customer_1122"}}""", "body:/data/wallet_id")]
    [InlineData("""{"type":"wallet.delink_requested","data":{"customer_id":"customer_1122"}}""", "body:/data/wallet_id")]
    [InlineData("""{"type":"wallet.delink_requested","data":{"Wallet_Id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""", "body:/data/wallet_id")]
    public async Task Event_MalformedUnderAValidSignature_Is400ThatNamesTheMistake(string body, string mistake)
    {
        await using var host = await hosts.StartAsync();

        var answer = await host.SendEventAsync(body);

        ContractTests.AssertProblem(answer, 400, "malformed_body", retryable: false);
        Assert.Contains(mistake, answer.Member("detail")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Juspay.Requests);
    }

    [SimulatorFact]
    public async Task Event_BadlySigned_AlwaysGetsTheSameAnswer()
    {
        await using var host = await hosts.StartAsync();
        var right = WebhookSignature.Sign(WebhookSender.Own.Scheme, "msg_1", Timestamp(host), Encoding.UTF8.GetBytes(Closed), Secrets());
        var answers = new[]
        {
            await host.SendEventAsync(Closed, signature: ""),
            await host.SendEventAsync(Closed, signature: "v1,AAAA"),
            await host.SendEventAsync(Closed, secret: OtherSecret),
            await host.SendEventAsync(Closed, id: "msg.1"),
            await host.SendEventAsync(Closed, id: "msg_2", signature: right),
            await host.SendEventAsync(Closed + " ", id: "msg_1", signature: right),
            await host.SendEventAsync(Closed, id: "msg_1", signature: right.Replace("v1,", "v2,", StringComparison.Ordinal)),
            await host.SendEventAsync(Closed, path: "/webhooks/of-nobody/delink"),
            await SendOnceLateAsync(host),
            await host.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/webhooks/delink") { Content = new StringContent(Closed) }, key: null),
        };

        Assert.All(answers, answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.Single(answers.Select(answer => answer.Body.Replace(answer.Member("traceId")!.Value.GetString()!, "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal));
        Assert.All(["webhook-id, webhook-timestamp and webhook-signature", "5 minutes"], hint =>
            Assert.Contains(hint, answers[0].Member("detail")!.Value.GetString(), StringComparison.Ordinal));
        Assert.Contains(host.Transcript.Logs, line => line.Contains(" caller=webhook: ", StringComparison.Ordinal));
        Assert.Empty(host.Juspay.Requests);
        Assert.Equal(200, (await host.SendEventAsync(Closed)).Status);
    }

    [SimulatorFact]
    public async Task Deployment_WithoutSignedWebhooks_NeverReadsTheirSecret()
    {
        await using var host = await hosts.StartAsync(prepare: simulation => simulation.KeyVault!.Delete("webhook-signing-secret"));

        await host.DelinkAsync();
        var unsigned = await host.SendEventAsync(Closed, signature: "");
        var named = await host.SendEventAsync(Closed, signature: "", path: "/webhooks/of-nobody/delink");

        Assert.Equal((401, 401), (unsigned.Status, named.Status));
        Assert.Equal(1, host.KeyVault.Reads);
        Assert.DoesNotContain(host.Transcript.Logs, line => line.Contains("secret_unavailable", StringComparison.Ordinal));
    }

    [SimulatorTheory]
    [InlineData("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlt_ofNobody","customer_id":"customer_1122"}}""")]
    [InlineData("""{"type":"customer.closed","data":{"customer_id":"nobody"}}""")]
    public async Task Event_AboutWhatJuspayDoesNotKnow_IsDoneWithAWarning(string body)
    {
        await using var host = await hosts.StartAsync();

        var answer = await host.SendEventAsync(body);

        Assert.Equal((200, """{"outcome":"nothing_to_delink"}"""), (answer.Status, answer.Body));
        Assert.Single(host.Transcript.Logs, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("nothing_to_delink", StringComparison.Ordinal));
        Assert.Equal("nothing_to_delink", OutcomeInAudit(host));
    }

    [SimulatorTheory]
    [InlineData(400, "INVALID_INPUT", "juspay_rejected", false, "30")]
    [InlineData(401, "UNAUTHORIZED", "juspay_unauthenticated", false, "30")]
    [InlineData(403, "BAD_ORIGIN", "juspay_forbidden", false, "30")]
    [InlineData(409, "X", "wallet_busy", true, "2")]
    [InlineData(429, "X", "juspay_throttled", true, "10")]
    [InlineData(500, "X", "juspay_unavailable", true, "5")]
    [InlineData(200, "X", "juspay_unexpected_response", true, "5")]
    public async Task Event_ThatCannotBeDoneNow_Is503SoThatTheSenderKeepsIt(int status, string errorCode, string code, bool retryable, string retryAfter)
    {
        await using var host = await hosts.StartAsync();
        host.Fault(new Fault { Status = status, Count = 100, Body = $$$"""{"error_info":{"code":"{{{errorCode}}}"}}""" });

        var answer = await host.SendEventAsync("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""");
        var all = await host.SendEventAsync(Closed);

        ContractTests.AssertProblem(answer, 503, code, retryable, hasRetryAfter: true);
        Assert.Equal(retryAfter, answer.RetryAfter);
        Assert.Equal(503, all.Status);
        Assert.NotNull(all.RetryAfter);
    }

    [SimulatorFact]
    public async Task Event_PartlyDone_Is503AndARepeatFinishes()
    {
        await using var host = await hosts.StartAsync();
        host.Fault(new Fault { Method = "POST", Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" });

        var first = await host.SendEventAsync(Closed, id: "msg_1");
        var second = await host.SendEventAsync(Closed, id: "msg_1");

        ContractTests.AssertProblem(first, 503, "partially_delinked", retryable: true);
        Assert.Equal((200, """{"outcome":"delinked","delinked":1,"already_unlinked":1}"""), (second.Status, second.Body));
    }

    [SimulatorFact]
    public async Task Event_WhenTheApiKeyIsMissing_Is503()
    {
        await using var host = await hosts.StartAsync(prepare: simulation => simulation.StoreSecret(null, enabled: true, expiresOn: null));

        ContractTests.AssertProblem(await host.SendEventAsync(Closed), 503, "api_key_not_configured", retryable: false, hasRetryAfter: true);
    }

    [SimulatorFact]
    public async Task Event_TooLarge_Is413()
    {
        await using var host = await hosts.StartAsync();

        ContractTests.AssertProblem(await host.SendEventAsync($$"""{"type":"ping","x":"{{new string('x', 17_000)}}"}"""), 413, "body_too_large", retryable: false);
    }

    private protected static string OutcomeInAudit(HostUnderTest host) =>
        Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal)).Split("outcome=")[1].Split(' ')[0];

    private static async Task<Answer> SendOnceLateAsync(HostUnderTest host)
    {
        var timestamp = host.Now.AddSeconds(-301).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/delink") { Content = new StringContent(Closed, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", "msg_late");
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(WebhookSender.Own.Scheme, "msg_late", timestamp, Encoding.UTF8.GetBytes(Closed), Secrets()));
        return await host.SendAsync(request, key: null);
    }

    private protected static string Timestamp(HostUnderTest host) => host.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static WebhookSecrets Secrets() =>
        WebhookSecrets.TryParse(Simulation.WebhookSecret, SecretEncoding.Whsec, out var secrets, out var problem) ? secrets : throw new InvalidOperationException(problem);
}

/// <inheritdoc />
public sealed class LocalHostWebhookTests() : WebhookTests(new LocalHosts())
{
    [SimulatorFact]
    public async Task Event_SignedWithANewerSecret_IsAcceptedOnceOursIsOldEnoughToReadAgain()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.SendEventAsync("""{"type":"ping"}""")).Status);
        host.KeyVault.Store("webhook-signing-secret", OtherSecret + "\n" + Simulation.WebhookSecret);
        var reads = host.KeyVault.Reads;

        var tooSoon = await host.SendEventAsync(Closed, secret: OtherSecret);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        var later = await host.SendEventAsync(Closed, secret: OtherSecret);
        var older = await host.SendEventAsync(Closed);

        Assert.Equal((401, 200, 200), (tooSoon.Status, later.Status, older.Status));
        Assert.Equal(reads + 1, host.KeyVault.Reads);
    }

    [SimulatorTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Event_ForgedWhileTheSecretIsNew_OrCannotBeReadAgain_IsRefused(bool vaultDown)
    {
        await using var host = await TestHost.StartAsync();
        await host.SendEventAsync("""{"type":"ping"}""");
        host.KeyVault.Store("webhook-signing-secret", "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB");
        if (vaultDown)
        {
            host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = 100 });
        }

        var reads = host.KeyVault.Reads;
        host.Time.Advance(TimeSpan.FromSeconds(30));

        ContractTests.AssertProblem(await host.SendEventAsync(Closed, secret: OtherSecret), 401, "invalid_signature", retryable: false);
        Assert.True(host.KeyVault.Reads > reads);
        Assert.Empty(host.Juspay.Requests);
    }

    [SimulatorTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Event_ForgedAgainAndAgain_ReadsTheVaultAtMostOncePerHalfMinute(bool vaultRefuses)
    {
        await using var host = await TestHost.StartAsync();
        await host.SendEventAsync("""{"type":"ping"}""");
        if (vaultRefuses)
        {
            host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 403, Count = 100 });
        }

        var reads = host.KeyVault.Reads;

        for (var i = 0; i < 20; i++)
        {
            await host.SendEventAsync(Closed, secret: OtherSecret);
            host.Time.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.InRange(host.KeyVault.Reads - reads, 1, 2);
    }

    [SimulatorFact]
    public async Task WebhookSecret_InUse_IsReadAgainAtTheInterval()
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        await host.SendEventAsync("""{"type":"ping"}""");
        host.KeyVault.Store("webhook-signing-secret", OtherSecret);
        var reads = host.KeyVault.Reads;

        host.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(200, (await host.SendEventAsync("""{"type":"ping"}""")).Status);
        // The refresh of the API key is the other read.
        await TestHost.WaitUntilAsync(() => host.KeyVault.Reads >= reads + 2);
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Count(line => line.Contains("secret_held name=webhook", StringComparison.Ordinal)) is 2);

        Assert.Equal(200, (await host.SendEventAsync(Closed, secret: OtherSecret)).Status);
    }

    [SimulatorFact]
    public async Task Event_WhoseSenderHangsUpWhileTheSecretIsRead_IsNoBug()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
        host.Fault(new Fault { Target = FaultTarget.KeyVault, DelayMs = -1, Count = 10 });
        using var hangUp = new CancellationTokenSource();
        var request = new IncomingRequest
        {
            Header = name => name switch
            {
                "webhook-id" => ["msg_1"],
                "webhook-timestamp" => [Timestamp(host)],
                "webhook-signature" => ["v1,AAAA"],
                _ => [],
            },
            Body = new MemoryStream(Encoding.UTF8.GetBytes(Closed)),
        };
        var answer = host.Services.GetRequiredService<WebhookEndpoint>().HandleAsync(name: null, request, hangUp.Token);
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Silenced > 0);

        await hangUp.CancelAsync();

        var problem = await answer;
        Assert.Equal(503, problem.Status);
        Assert.Contains("before anything was sent to Juspay", Encoding.UTF8.GetString(problem.Body.Span), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Transcript.Logs, line => line.Contains("internal_error", StringComparison.Ordinal));
        Assert.Contains(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal));
    }

    /// <summary>A sender keeps an event after a lost connection and drops it after a 400.</summary>
    [SimulatorFact]
    public async Task Event_WhoseBodyBreaksOff_Is503()
    {
        await using var host = await TestHost.StartAsync();
        var request = new IncomingRequest { Header = _ => [], Body = new BrokenStream() };

        var answer = Answer.Of(await host.Services.GetRequiredService<WebhookEndpoint>().HandleAsync(name: null, request, CancellationToken.None));

        ContractTests.AssertProblem(answer, 503, "caller_cancelled", retryable: true);
        Assert.Equal("caller_cancelled", OutcomeInAudit(host));
    }

    [SimulatorFact]
    public async Task Event_WhoseSenderHangsUpWhileTheBodyIsRead_IsCancelledAndNoMalformedEvent()
    {
        await using var host = await TestHost.StartAsync();
        using var hangUp = new CancellationTokenSource();
        var request = new IncomingRequest { Header = _ => [], Body = new System.IO.Pipelines.Pipe().Reader.AsStream() };
        var answer = host.Services.GetRequiredService<WebhookEndpoint>().HandleAsync(name: null, request, hangUp.Token);

        await hangUp.CancelAsync();

        Assert.Equal(503, (await answer).Status);
        Assert.Equal("caller_cancelled", OutcomeInAudit(host));
    }

    /// <summary>A sender that follows Standard Webhooks repeats each event with the same id and a new signature until it gets a 200, while Juspay fails three times in ten.</summary>
    [SimulatorFact]
    public async Task Sender_Of500EventsWhileJuspayFails_IsAcknowledgedOnlyForWhatIsDone()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=2"]);
        var chance = new Random(20261123);
        host.Simulation.Faults.Otherwise = (target, _) => target is FaultTarget.Juspay && chance.Next(10) < 3 ? Faults[chance.Next(Faults.Length)] : null;
        for (var customer = 0; customer < 250; customer++)
        {
            host.Juspay.Put(new SimulatedWallet($"wlm_{customer:D10}", $"customer_{customer:D5}", "PAYTM", Linked: true));
            host.Juspay.Put(new SimulatedWallet($"wlt_{customer:D10}", $"customer_{customer:D5}", "MOBIKWIK", Linked: true));
        }

        var deliveries = 0;
        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            var customer = $"customer_{number / 2:D5}";
            var wallet = $"wlm_{number / 2:D10}";
            var body = number % 2 is 0
                ? $$$"""{"type":"wallet.delink_requested","data":{"wallet_id":"{{{wallet}}}","customer_id":"{{{customer}}}"}}"""
                : $$$"""{"type":"customer.consent_withdrawn","data":{"customer_id":"{{{customer}}}"}}""";
            for (var attempt = 1; ; attempt++)
            {
                Interlocked.Increment(ref deliveries);
                var answer = await host.SendEventAsync(body, id: $"msg_{number}");
                if (answer.Status is 200)
                {
                    Assert.Contains("delinked", answer.Body, StringComparison.Ordinal);
                    var concerned = number % 2 is 0 ? host.Juspay.Wallets.Where(known => known.Id == wallet) : host.Juspay.Wallets.Where(known => known.CustomerId == customer);
                    Assert.All(concerned, known => Assert.False(known.Linked, known.Id));
                    return;
                }

                Assert.Equal(503, answer.Status);
                Assert.NotNull(answer.RetryAfter);
                Assert.True(attempt < 100, answer.Body);
            }
        });

        Assert.True(deliveries > 500, "no delivery failed, so the test has shown nothing");
        Assert.DoesNotContain(host.Juspay.Wallets, wallet => wallet is { CustomerId: not TestHost.Customer, Linked: true });
    }

    private static readonly Fault[] Faults =
    [
        new() { Status = 500 },
        new() { Status = 503, Moment = FaultMoment.After },
        new() { Reset = true },
        new() { Reset = true, Moment = FaultMoment.After },
        new() { ResetAfterBytes = 10 },
        new() { Status = 200, GarbageBytes = 100 },
        new() { Status = 200, GarbageBytes = 100, Moment = FaultMoment.After },
        new() { Status = 429 },
        new() { Status = 409 },
        new() { Status = 400, Body = """{"error_info":{"code":"INVALID_ACTION"}}""" },
        new() { Status = 401 },
    ];
}

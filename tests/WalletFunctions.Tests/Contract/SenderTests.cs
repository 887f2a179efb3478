using System.Globalization;
using System.Text;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Contract;

/// <summary><c>/webhooks/{sender}/delink</c>, tested as each sender uses it, with the settings that its documentation recommends.</summary>
public abstract class SenderTests(Hosts hosts)
{
    private static readonly string[] All =
    [
        "--Webhooks:Senders:standard:Preset=standard-webhooks",
        "--Webhooks:Senders:clerk:Preset=svix",
        "--Webhooks:Senders:shopify:Preset=shopify", "--Webhooks:Senders:shopify:CustomerIdFormat=customer_{id}",
        "--Webhooks:Senders:woo:Preset=woocommerce", "--Webhooks:Senders:woo:CustomerIdFormat=customer_{id}",
        "--Webhooks:Senders:github:Preset=github", "--Webhooks:Senders:github:CustomerId=body:/customer", "--Webhooks:Senders:github:CustomerEvents=closed",
        "--Webhooks:Senders:stripe:Preset=stripe",
        "--Webhooks:Senders:hubspot:Preset=hubspot", "--Webhooks:Senders:hubspot:PublicUrl=https://delinks.example/webhooks/hubspot/delink",
        "--Webhooks:Senders:hubspot:CustomerIdFormat=customer_{id}",
        "--Webhooks:Senders:zoho:Preset=zoho-payments", "--Webhooks:Senders:zoho:CustomerId=body:/event_object/customer_id",
        "--Webhooks:Senders:zoho:CustomerEvents=customer.deleted",
        "--Webhooks:Senders:okta:Preset=okta",
        "--Webhooks:Senders:auth0:Preset=auth0",
        "--Webhooks:Senders:grid:Preset=event-grid", "--Webhooks:Senders:grid:CustomerEvents=Shop.AccountClosed",
        "--Webhooks:Senders:zohocrm:Preset=token",
    ];

    /// <summary>One delivery of each sender, about the simulated customer.</summary>
    public static TheoryData<string, string, string, int> Deliveries => new()
    {
        { "standard", "", """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""", 200 },
        { "clerk", "", """{"type":"user.deleted","object":"event","data":{"id":"customer_1122","deleted":true}}""", 200 },
        { "shopify", "X-Shopify-Topic: customers/redact", """{"shop_id":9,"customer":{"id":1122,"email":"a@b.c"},"orders_to_redact":[2]}""", 200 },
        { "shopify", "X-Shopify-Topic: customers/delete", """{"id":1122}""", 200 },
        { "woo", "X-WC-Webhook-Topic: customer.deleted", """{"id":1122}""", 200 },
        { "github", "X-GitHub-Event: closed", """{"customer":"customer_1122"}""", 200 },
        { "stripe", "", """{"id":"evt_1","type":"customer.deleted","data":{"object":{"id":"customer_1122","object":"customer"}}}""", 200 },
        { "hubspot", "", """[{"eventId":1,"subscriptionType":"contact.privacyDeletion","objectId":1122},{"eventId":2,"subscriptionType":"contact.creation","objectId":7}]""", 200 },
        { "zoho", "", """{"event_type":"customer.deleted","event_object":{"customer_id":"customer_1122"}}""", 200 },
        { "okta", "", """{"eventType":"com.okta.event_hook","data":{"events":[{"uuid":"f7","eventType":"user.lifecycle.delete.initiated","target":[{"type":"User","id":"customer_1122"}]}]}}""", 204 },
        { "auth0", "", """{"id":"evt_6","type":"user.deleted","time":"2026-11-23T10:00:00Z","data":{"object":{"user_id":"customer_1122"}}}""", 200 },
        { "grid", "", """[{"id":"1","eventType":"Shop.AccountClosed","subject":"customer_1122","data":{"customer_id":"customer_1122"}}]""", 200 },
        { "grid", "", """{"specversion":"1.0","id":"1","type":"Shop.AccountClosed","source":"/shop","subject":"customer_1122"}""", 200 },
        { "zohocrm", "", """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""", 200 },
    };

    [SimulatorTheory]
    [MemberData(nameof(Deliveries))]
    public async Task Delivery_OfASender_DelinksTheCustomer(string sender, string header, string body, int status)
    {
        await using var host = await hosts.StartAsync(All);

        var forged = await SendAsync(host, sender, header, body, secret: "another-secret-0123456789");
        var answer = await SendAsync(host, sender, header, body);

        ContractTests.AssertProblem(forged, 401, "invalid_signature", retryable: false);
        Assert.Equal((status, status is 204), (answer.Status, answer.Body is ""));
        Assert.False(host.IsLinked(TestHost.Paytm) || host.IsLinked(TestHost.Mobikwik));
        var record = host.Transcript.Logs.Last(line => line.Contains(" delink_audit", StringComparison.Ordinal));
        Assert.Contains($"caller=webhook:{sender}:", record, StringComparison.Ordinal);
        Assert.Contains("outcome=delinked", record, StringComparison.Ordinal);
    }

    [SimulatorTheory]
    [InlineData("shopify", "X-Shopify-Topic: orders/create", """{"id":1122}""", 200)]
    [InlineData("okta", "", """{"data":{"events":[{"eventType":"user.session.start","target":[]}]}}""", 204)]
    [InlineData("hubspot", "", """[{"subscriptionType":"contact.creation","objectId":1122}]""", 200)]
    public async Task Delivery_OfAnotherType_IsASuccessAndDoesNothing(string sender, string header, string body, int status)
    {
        await using var host = await hosts.StartAsync(All);

        var answer = await SendAsync(host, sender, header, body);

        Assert.Equal((status, status is 204 ? "" : """{"ignored":true}"""), (answer.Status, answer.Body));
        Assert.Empty(host.Juspay.Requests);
    }

    [SimulatorTheory]
    [InlineData("shopify", "X-Shopify-Topic: customers/redact", """{"customer":{"id":"11|22"}}""", "body:/customer/id or body:/id is missing or cannot be a customer id")]
    [InlineData("shopify", "X-Shopify-Topic: customers/redact", """{"customer":{"id":1122.5}}""", "cannot be a customer id")]
    [InlineData("shopify", "", """{"customer":{"id":1122}}""", "it has no event type at header:X-Shopify-Topic")]
    [InlineData("auth0", "", """{"type":"user.deleted","data":{"object":{"user_id":"auth0|67"}}}""", "cannot be a customer id")]
    [InlineData("hubspot", "", "[]", "it has no events at body:")]
    [InlineData("okta", "", """{"data":{"events":7}}""", "it has no events at body:/data/events")]
    [InlineData("hubspot", "", """[{"subscriptionType":"contact.deletion","objectId":1122},{"subscriptionType":"contact.deletion"}]""", "body:/objectId is missing")]
    public async Task Delivery_ThatCannotBeRead_Is400AndDelinksNothing(string sender, string header, string body, string detail)
    {
        await using var host = await hosts.StartAsync(All);

        var answer = await SendAsync(host, sender, header, body);

        ContractTests.AssertProblem(answer, 400, "malformed_body", retryable: false);
        Assert.Contains(detail, answer.Member("detail")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Juspay.Requests);
    }

    /// <summary>A copied delivery can be sent again later, but its signed body tells how old it is.</summary>
    [SimulatorTheory]
    [InlineData(-59, "o", 200)]
    [InlineData(-61, "o", 400, "longer ago than 01:00:00")]
    [InlineData(-59, "seconds", 200)]
    [InlineData(-61, "seconds", 400, "longer ago than 01:00:00")]
    [InlineData(-59, "milliseconds", 200)]
    [InlineData(-61, "milliseconds", 400, "longer ago than 01:00:00")]
    [InlineData(0, "'yesterday'", 400, "missing or is no time")]
    [InlineData(0, "'9999999999999999'", 400, "missing or is no time")]
    public async Task Delivery_OfAnOldEvent_Is400AndDelinksNothing(int minutes, string form, int status, string? detail = null)
    {
        await using var host = await hosts.StartAsync([.. All, "--Webhooks:Senders:github:EventTime=body:/closed_at", "--Webhooks:Senders:github:MaxAge=01:00:00"]);
        var time = host.Now.AddMinutes(minutes);
        var text = form switch
        {
            "seconds" => $"{time.ToUnixTimeSeconds()}",
            "milliseconds" => $"{time.ToUnixTimeMilliseconds()}",
            _ => $"\"{time.ToString(form, CultureInfo.InvariantCulture)}\"",
        };

        var answer = await SendAsync(host, "github", "X-GitHub-Event: closed", $$"""{"customer":"customer_1122","closed_at":{{text}}}""");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status is 400, host.IsLinked(TestHost.Paytm));
        Assert.Equal(status is 400, answer.Body.Contains($"body:/closed_at is {detail}", StringComparison.Ordinal));
        Assert.Equal(minutes is -61, host.Transcript.Logs.Any(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("event_too_old sender=github ", StringComparison.Ordinal)));
    }

    /// <summary>Anyone who has a copy of one old delivery could otherwise fill the queue of failed events, whose messages never expire.</summary>
    [SimulatorTheory]
    [InlineData("""{"event":"closed","customer":"customer_1122","closed_at":"2020-01-01T00:00:00Z"}""", 400)]
    [InlineData("""{"event":"closed","closed_at":"2020-01-01T00:00:00Z"}""", 400)]
    [InlineData("""[{"event":"closed"},{"event":"closed","customer":"customer_1122","closed_at":"2020-01-01T00:00:00Z"}]""", 400)]
    [InlineData("""{"event":"opened","closed_at":"2020-01-01T00:00:00Z"}""", 200)]
    [InlineData("""{"event":"closed","customer":"customer_1122"}""", 202)]
    public async Task Delivery_OfAnOldEventWithTheQueue_IsNotKept(string body, int status)
    {
        await using var host = await hosts.StartAsync(
        [
            .. All, "--Webhooks:Intake=queue", "--Webhooks:Senders:github:EventTime=body:/closed_at", "--Webhooks:Senders:github:MaxAge=01:00:00", "--Webhooks:Senders:github:Items=body:",
            "--Webhooks:Senders:github:EventType=body:/event",
        ]);

        var answer = await SendAsync(host, "github", "", body);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status is 202 ? 1 : 0, host.Simulation.Queues!.MessagesOf(IntakeQueue.FailedName).Count);
    }

    [SimulatorFact]
    public async Task Batch_ThatJuspayThrottles_HandsOnTheLongestWait()
    {
        await using var host = await hosts.StartAsync(All);
        foreach (var wait in new[] { "60", "90" })
        {
            host.Throttle("GET", wait);
        }

        var answer = await SendAsync(
            host, "hubspot", "", """[{"subscriptionType":"contact.deletion","objectId":1122},{"subscriptionType":"contact.deletion","objectId":404}]""");

        Assert.Equal(("partially_delinked", "90"), (answer.Code, answer.RetryAfter));
    }

    [SimulatorFact]
    public async Task Batch_IsASuccessOnlyWhenEachEventIsDone_AndEachHasARecord()
    {
        await using var host = await hosts.StartAsync(All);
        const string Batch = """[{"subscriptionType":"contact.deletion","objectId":1122},{"subscriptionType":"contact.deletion","objectId":404},{"subscriptionType":"contact.deletion","objectId":1122}]""";
        host.Fault(new Fault { Method = "POST", Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" });

        var first = await SendAsync(host, "hubspot", "", Batch);
        var second = await SendAsync(host, "hubspot", "", Batch);

        ContractTests.AssertProblem(first, 503, "partially_delinked", retryable: true, hasRetryAfter: true);
        Assert.Contains("1 of 2 events", first.Member("detail")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Equal((200, """{"outcome":"delinked","events":2}"""), (second.Status, second.Body));
        Assert.False(host.IsLinked(TestHost.Paytm) || host.IsLinked(TestHost.Mobikwik));
        Assert.Equal(
            ["delinked", "delinked", "nothing_to_delink", "nothing_to_delink", "partially_delinked", "partially_delinked"],
            host.Transcript.Logs.Where(line => line.Contains(" delink_audit", StringComparison.Ordinal)).Select(line => line.Split("outcome=")[1].Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [SimulatorFact]
    public async Task Batch_WithTheQueue_IsAcceptedAsAWhole()
    {
        await using var host = await hosts.StartAsync([.. All, "--Webhooks:Intake=queue"]);

        var answer = await SendAsync(
            host, "hubspot", "", """[{"subscriptionType":"contact.deletion","objectId":1122},{"subscriptionType":"contact.deletion","objectId":404}]""");

        Assert.Equal((202, """{"outcome":"accepted","events":2}"""), (answer.Status, answer.Body));
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik));
    }

    [SimulatorFact]
    public async Task Batch_OfALargeBody_IsRead()
    {
        await using var host = await hosts.StartAsync(All);
        var events = Enumerable.Range(0, 100).Select(number =>
            $$"""{"eventId":{{number}},"subscriptionType":"contact.creation","objectId":{{number}},"padding":"{{new string('x', 1000)}}"}""");

        Assert.Equal(200, (await SendAsync(host, "hubspot", "", $"[{string.Join(',', events)}]")).Status);
        Assert.Equal(413, (await SendAsync(host, "hubspot", "", $"[\"{new string('x', 262_144)}\"]")).Status);
    }

    [SimulatorFact]
    public async Task Handshake_OfOkta_RepeatsTheChallenge()
    {
        await using var host = await hosts.StartAsync(All);

        var answer = await AskAsync(host, HttpMethod.Get, "okta", "X-Okta-Verification-Challenge", "a challenge");

        Assert.Equal((200, """{"verification":"a challenge"}"""), (answer.Status, answer.Body));
        Assert.Equal((404, ""), await StatusAndBodyAsync(host, HttpMethod.Get, "okta", "X-Other", "x"));
        Assert.Equal((404, ""), await StatusAndBodyAsync(host, HttpMethod.Get, "shopify", "X-Okta-Verification-Challenge", "x"));
        Assert.Equal((404, ""), await StatusAndBodyAsync(host, HttpMethod.Get, "unknown", "X-Okta-Verification-Challenge", "x"));
        Assert.Equal((404, ""), await StatusAndBodyAsync(host, HttpMethod.Put, "okta", "X-Okta-Verification-Challenge", "x"));
    }

    [SimulatorFact]
    public async Task Handshake_OfCloudEvents_PermitsTheOrigin()
    {
        await using var host = await hosts.StartAsync(All);

        var answer = await AskAsync(host, HttpMethod.Options, "grid", "WebHook-Request-Origin", "eventgrid.azure.net");

        Assert.Equal((200, ""), (answer.Status, answer.Body));
        Assert.Contains("WebHook-Allowed-Origin: eventgrid.azure.net", answer.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("WebHook-Allowed-Rate: *", answer.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((404, ""), await StatusAndBodyAsync(host, HttpMethod.Options, "okta", "WebHook-Request-Origin", "eventgrid.azure.net"));
    }

    [SimulatorFact]
    public async Task Handshake_OfEventGrid_RepeatsTheCode()
    {
        await using var host = await hosts.StartAsync(All);
        const string Validation = """[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}}]""";

        var answer = await SendAsync(host, "grid", "", Validation, secret: "none-0123456789");

        Assert.Equal((200, """{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}"""), (answer.Status, answer.Body));
        Assert.Contains(host.Transcript.Logs, line => line.Contains("outcome=handshake status=200 ", StringComparison.Ordinal));
        Assert.Equal(401, (await SendAsync(host, "okta", "", Validation, secret: "none-0123456789")).Status);
    }

    [SimulatorTheory]
    [InlineData("woo", "webhook_id=7", 200)]
    [InlineData("woo", "webhook_id=12345678901234567890", 200)]
    [InlineData("woo", "webhook_id=123456789012345678901", 401)]
    [InlineData("woo", "webhook_id=", 401)]
    [InlineData("woo", "webhook_id=7&x=1", 401)]
    [InlineData("shopify", "webhook_id=7", 401)]
    public async Task Handshake_OfWooCommerce_IsExactly200(string sender, string body, int status)
    {
        await using var host = await hosts.StartAsync(All);

        var answer = await host.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{sender}/delink")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"),
        }, key: null);

        Assert.Equal((status, status is 200), (answer.Status, answer.Body is """{"ignored":true}"""));
        Assert.Empty(host.Juspay.Requests);
    }

    /// <summary>The time of an answer must not reveal whether a name exists, so a secret is read for every name.</summary>
    [SimulatorTheory]
    [InlineData("shopify")]
    [InlineData("github")]
    [InlineData("unknown")]
    public async Task Delivery_ThatASenderCouldHaveSigned_ReadsASecretForEveryName(string name)
    {
        await using var host = await hosts.StartAsync(All, fresh: true);
        var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{name}/delink") { Content = new StringContent("{}") };
        request.Headers.Add("X-Shopify-Hmac-Sha256", Convert.ToBase64String(new byte[32]));
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + new string('0', 64));

        ContractTests.AssertProblem(await host.SendAsync(request, key: null), 401, "invalid_signature", retryable: false);

        Assert.Equal(1, host.KeyVault.ReadsOf("shopify-webhook-secret") + host.KeyVault.ReadsOf("github-webhook-secret"));
    }

    /// <summary>A guessed name must not reveal whether a sender exists, or which one it is.</summary>
    [SimulatorFact]
    public async Task Delivery_Unsigned_HasTheSameAnswerForEveryName()
    {
        await using var host = await hosts.StartAsync(All);
        var answers = new List<Answer>();
        foreach (var name in new[] { "standard", "clerk", "shopify", "github", "stripe", "hubspot", "zoho", "okta", "auth0", "zohocrm", "unknown" })
        {
            foreach (var body in new[] { "{}", $"\"{new string('x', 20_000)}\"" })
            {
                answers.Add(await host.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{name}/delink") { Content = new StringContent(body) }, key: null));
            }
        }

        Assert.All(answers, answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.Single(answers.Select(answer => answer.Body.Replace(answer.Member("traceId")!.Value.GetString()!, "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal));
    }

    [SimulatorFact]
    public async Task Sender_OfAMerchant_DelinksInThatMerchantsAccount()
    {
        await using var host = await hosts.StartAsync(
        [
            "--Merchants:shop-a:MerchantId=shop_a", "--LocalHost:FunctionKeys:default=local-key",
            "--Webhooks:Senders:woo:Preset=woocommerce", "--Webhooks:Senders:woo:Merchant=Shop-A", "--Webhooks:Senders:woo:SuccessStatus=202",
            "--Webhooks:Senders:woo:CustomerId=header:X-Customer", "--Webhooks:Senders:woo:WalletEvents=wallet.removed", "--Webhooks:Senders:woo:WalletId=body:/wallets/0",
        ]);

        var one = await SendAsync(host, "woo", "X-WC-Webhook-Topic: wallet.removed|X-Customer: shop-a_customer", """{"wallets":["wlm_shop-a_0000000001"]}""");
        var left = host.Juspay.Wallets.Where(wallet => wallet is { Merchant: "shop-a", Linked: true }).Select(wallet => wallet.Id).ToArray();
        var all = await SendAsync(host, "woo", "X-WC-Webhook-Topic: customer.deleted|X-Customer: shop-a_customer", "{}");

        Assert.Equal((202, 202), (one.Status, all.Status));
        Assert.Equal(["wlt_shop-a_0000000002"], left);
        Assert.All(host.Juspay.Wallets, wallet => Assert.Equal(wallet.Merchant is not "shop-a", wallet.Linked));
    }

    private static async Task<(int Status, string Body)> StatusAndBodyAsync(HostUnderTest host, HttpMethod method, string sender, string header, string value)
    {
        var answer = await AskAsync(host, method, sender, header, value);
        return (answer.Status, answer.Body);
    }

    private static Task<Answer> AskAsync(HostUnderTest host, HttpMethod method, string sender, string header, string value)
    {
        var request = new HttpRequestMessage(method, $"/webhooks/{sender}/delink");
        request.Headers.TryAddWithoutValidation(header, value);
        return host.SendAsync(request, key: null);
    }

    /// <summary>Signs as the sender of the preset does, and sends.</summary>
    /// <param name="host">The host.</param>
    /// <param name="sender">The sender's name in <see cref="All"/>.</param>
    /// <param name="headers">Further headers, separated by a bar.</param>
    /// <param name="body">The body.</param>
    /// <param name="secret">Replaces the stored secret.</param>
    private static Task<Answer> SendAsync(HostUnderTest host, string sender, string headers, string body, string? secret = null)
    {
        var preset = SenderPresets.ByName[sender switch
        {
            "standard" => "standard-webhooks",
            "clerk" => "svix",
            "woo" => "woocommerce",
            "zoho" => "zoho-payments",
            "grid" => "event-grid",
            "zohocrm" => "token",
            _ => sender,
        }];
        var scheme = preset.Scheme with { PublicUrl = "https://delinks.example/webhooks/hubspot/delink" };
        secret ??= Simulation.WebhookSecretOf(sender);
        if (scheme.SecretEncoding is SecretEncoding.Whsec && !secret.StartsWith("whsec_", StringComparison.Ordinal))
        {
            secret = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));
        }

        Assert.True(WebhookSecrets.TryParse(secret, scheme.SecretEncoding, out var secrets, out var problem), problem);
        var milliseconds = host.Now.ToUnixTimeMilliseconds();
        var timestamp = (scheme.TimestampUnit < TimeSpan.FromSeconds(1) ? milliseconds : milliseconds / 1000).ToString(CultureInfo.InvariantCulture);
        var signature = WebhookSignature.Sign(scheme, "msg_1", timestamp, Encoding.UTF8.GetBytes(body), secrets);
        var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{sender}/delink") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(
            scheme.SignatureHeader, scheme.TimestampHeader == scheme.SignatureHeader ? $"t={timestamp},{signature}" : scheme.SignaturePrefix is "Bearer" ? signature.Replace("Bearer", "Bearer ", StringComparison.Ordinal) : signature);
        if (scheme.TimestampHeader is { } timestampHeader && timestampHeader != scheme.SignatureHeader)
        {
            request.Headers.TryAddWithoutValidation(timestampHeader, timestamp);
        }

        if (scheme.IdHeader is { } idHeader)
        {
            request.Headers.TryAddWithoutValidation(idHeader, "msg_1");
        }

        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return host.SendAsync(request, key: null);
    }
}

/// <inheritdoc />
public sealed class LocalHostSenderTests() : SenderTests(new LocalHosts());

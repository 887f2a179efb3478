using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using WalletFunctions.Http;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>The HTTP contract. The tests need only a URL and a function key, and only the wallet tests reach Juspay.</summary>
public abstract class ContractTests(ContractTarget target)
{
    private const string UnknownWallet = "wlt_ofNobody0000000000";

    /// <summary>Marks tests whose requests a validating proxy rewrites or refuses.</summary>
    private const string Sends = "Sends";
    private const string ExactBytes = "ExactBytes";

    private static readonly string WalletId = Environment.GetEnvironmentVariable("WALLETFUNCTIONS_WALLET_ID") ?? TestHost.Paytm;
    private static readonly string RoutingId = Environment.GetEnvironmentVariable("WALLETFUNCTIONS_ROUTING_ID") ?? TestHost.Customer;

    [WalletFact]
    public async Task Delink_Form_AnswersTheUnlinkedWallet() => AssertUnlinked(await DelinkAsync(WalletId, Form("command=delink")));

    [WalletFact]
    public async Task Delink_Json_AnswersTheUnlinkedWallet() =>
        AssertUnlinked(await DelinkAsync(WalletId, Body("{\"command\":\"delink\"}", "application/json; charset=utf-8")));

    [WalletFact]
    public async Task Delink_KeyInTheQuery_IsAccepted() => AssertUnlinked(await target.SendAsync(
        HttpMethod.Post, $"/wallets/{WalletId}?code={Uri.EscapeDataString(ContractTarget.Key)}", Form("command=delink"), key: null, ("x-routing-id", RoutingId)));

    [WalletFact]
    public async Task Delink_Again_AnswersTheSame()
    {
        var first = await DelinkAsync(WalletId, Form("command=delink"));
        var second = await DelinkAsync(WalletId, Form("command=delink"));

        AssertUnlinked(first);
        AssertUnlinked(second);
    }

    [WalletFact]
    public async Task Delink_ChunkedBody_IsReadOrRefused()
    {
        var answer = await DelinkAsync(WalletId, new ChunkedContent("command=delink"));

        if (answer.Status is 411)
        {
            AssertProblem(answer, 411, "length_required", retryable: false);
        }
        else
        {
            AssertUnlinked(answer);
        }
    }

    [SkippableTheory]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("..%2Forders")]
    [InlineData("%2e%2e%2forders")]
    [InlineData("wlm_%C3%A9")]
    [InlineData("wlm.1")]
    [InlineData("wlm%00")]
    [InlineData("wlm%0d%0aX:1")]
    [InlineData("a%25b")]
    public async Task Delink_PathThatIsNoWalletId_IsRefused(string walletId) =>
        AssertRefused(await DelinkAsync(walletId, Form("command=delink")), 400, "invalid_wallet_id");

    [SkippableFact]
    public async Task Delink_WalletIdTooLong_IsRefused() =>
        AssertProblem(await DelinkAsync(new string('w', 129), Form("command=delink")), 400, "invalid_wallet_id", retryable: false);

    [SkippableTheory]
    [InlineData]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("one", "two")]
    [InlineData("one,two")]
    public async Task Delink_RoutingIdMissingOrRepeated_IsRefused(params string[] values) => AssertProblem(
        await target.SendAsync(HttpMethod.Post, $"/wallets/{UnknownWallet}", Form("command=delink"), headers: [.. values.Select(value => ("x-routing-id", value))]),
        400, "invalid_routing_id", retryable: false);

    [SkippableFact]
    public async Task Delink_RoutingIdTooLong_IsRefused() => AssertProblem(
        await target.SendAsync(HttpMethod.Post, $"/wallets/{UnknownWallet}", Form("command=delink"), headers: ("x-routing-id", new string('r', 129))),
        400, "invalid_routing_id", retryable: false);

    /// <summary>The command is wrong, so its refusal shows that the routing id was accepted.</summary>
    [SkippableTheory]
    [InlineData("unsupported_command", "x-customerid", "one")]
    [InlineData("unsupported_command", "x-customerid", "one", "x-routing-id", " one ")]
    [InlineData("invalid_routing_id", "x-customerid", "one", "x-routing-id", "two")]
    [InlineData("invalid_routing_id", "x-customerid", "one", "x-routing-id", "ONE")]
    [InlineData("invalid_routing_id", "x-customerid", "one", "x-routing-id", "two,three")]
    [InlineData("invalid_routing_id", "x-customerid", "one,two", "x-routing-id", "one")]
    [InlineData("invalid_routing_id", "x-customerid", "one", "x-customerid", "two")]
    [InlineData("invalid_routing_id", "x-customerid", "one,two")]
    [InlineData("invalid_routing_id", "x-customerid", "   ")]
    [InlineData("invalid_routing_id", "x-customerid", "one", "x-routing-id", "")]
    public async Task Delink_CustomerIdHeader_CountsAsRoutingIdAndMayNotDifferFromIt(string code, params string[] namesAndValues)
    {
        var headers = namesAndValues.Chunk(2).Select(pair => (pair[0], pair[1])).ToArray();
        foreach (var path in new[] { $"/wallets/{UnknownWallet}", "/customers/of-nobody/delink" })
        {
            AssertProblem(await target.SendAsync(HttpMethod.Post, path, Form("command=link"), headers: headers), 400, code, retryable: false);
        }
    }

    [SkippableFact]
    public async Task Delink_CustomerIdHeaderTooLong_IsRefused() => AssertProblem(
        await target.SendAsync(HttpMethod.Post, $"/wallets/{UnknownWallet}", Form("command=delink"), headers: ("x-customerid", new string('r', 129))),
        400, "invalid_routing_id", retryable: false);

    [SkippableFact]
    public async Task Delink_RoutingIdsThatDiffer_SaysWhatToSend()
    {
        var answer = await target.SendAsync(HttpMethod.Post, $"/wallets/{UnknownWallet}", Form("command=delink"), headers: [("x-customerid", "one"), ("x-routing-id", "two")]);

        Assert.Equal("The headers x-routing-id and x-customerid differ. Send one of them, or the same customer id in both.", answer.Member("detail")?.GetString());
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("command=")]
    [InlineData("command")]
    [InlineData("command=link&otp=345678")]
    [InlineData("command=authenticate")]
    [InlineData("command=refresh")]
    [InlineData("command=Delink")]
    [InlineData("command=delink ")]
    [InlineData("Command=delink")]
    [InlineData("command=delink&command=delink")]
    [InlineData("command=delink&comm%61nd=link")]
    [InlineData("command=delink%21")]
    public async Task Delink_FormWithAnotherCommand_IsRefused(string body) =>
        AssertProblem(await DelinkAsync(UnknownWallet, Form(body)), 400, "unsupported_command", retryable: false);

    [SkippableTheory]
    [InlineData("{}")]
    [InlineData("""{"command":null}""")]
    [InlineData("""{"command":["delink"]}""")]
    [InlineData("""{"command":"link"}""")]
    [InlineData("""{"Command":"delink"}""")]
    [InlineData("""{"nested":{"command":"delink"}}""")]
    [InlineData("""{"command":"delink","command":"delink"}""")]
    [InlineData("""{"command":"link","comm\u0061nd":"delink"}""")]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_JsonWithAnotherCommand_IsRefused(string body) =>
        AssertProblem(await DelinkAsync(UnknownWallet, Body(body, "application/json")), 400, "unsupported_command", retryable: false);

    [SkippableTheory]
    [InlineData("command=%zz", "application/x-www-form-urlencoded")]
    [InlineData("command=delink&x=%4z", "application/x-www-form-urlencoded")]
    [InlineData("command=delink&x=%z4", "application/x-www-form-urlencoded")]
    [InlineData("%zz=1&command=delink", "application/x-www-form-urlencoded")]
    [InlineData("command=delink%4", "application/x-www-form-urlencoded")]
    [InlineData("", "application/json")]
    [InlineData("command=delink", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("\"delink\"", "application/json")]
    [InlineData("""{"command":"delink"}}""", "application/json")]
    [InlineData("""{"command":"delink"}""" + " {}", "application/json")]
    [InlineData("""{"command":"\ud800"}""", "application/json")]
    [InlineData("""{"a":[[[[[[[[[1]]]]]]]]],"command":"delink"}""", "application/json")]
    [InlineData("""{"command":"delink","a":1,"a":1}""", "application/json")]
    [InlineData("""{"command":"delink","a":{"b":1,"\u0062":2}}""", "application/json")]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_MalformedBody_IsRefused(string body, string contentType) =>
        AssertProblem(await DelinkAsync(UnknownWallet, Body(body, contentType)), 400, "malformed_body", retryable: false);

    [SkippableFact]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_FormThatIsNotUtf8_IsRefused()
    {
        var content = new ByteArrayContent([.. "command="u8, 0xFF, 0xFE]);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");

        AssertProblem(await DelinkAsync(UnknownWallet, content), 400, "malformed_body", retryable: false);
    }

    [SkippableFact]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_JsonThatIsNotUtf8_IsRefused()
    {
        var content = new ByteArrayContent([.. "{\"command\":\"delink\",\"a\":\""u8, 0xFF, .. "\"}"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");

        AssertProblem(await DelinkAsync(UnknownWallet, content), 400, "malformed_body", retryable: false);
    }

    [SkippableTheory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/")]
    [InlineData("POST", "/wallets/..")]
    [InlineData("POST", "/wallets/%2e%2e")]
    [Trait(Sends, ExactBytes)]
    public async Task Root_IsA404(string method, string path)
    {
        var answer = await target.SendAsync(new HttpMethod(method), path, Form("command=delink"), headers: ("x-routing-id", "customer_1122"));

        AssertProblem(answer, 404, "route_not_found", retryable: false);
    }

    [SkippableTheory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/xml")]
    [InlineData("garbled")]
    [InlineData(";;;")]
    [InlineData(null)]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_OtherContentType_IsRefused(string? contentType) =>
        AssertProblem(await DelinkAsync(UnknownWallet, Body("command=delink", contentType)), 415, "unsupported_content_type", retryable: false);

    [SkippableFact]
    public async Task Delink_CompressedBody_IsRefused()
    {
        var content = Form("command=delink");
        content.Headers.Add("Content-Encoding", "gzip");

        AssertProblem(await DelinkAsync(UnknownWallet, content), 415, "unsupported_content_type", retryable: false);
    }

    [SkippableTheory]
    [InlineData((16 * 1024) + 1)]
    [InlineData(1_000_000)]
    public async Task Delink_BodyOver16KiB_IsRefused(int length)
    {
        var answer = await DelinkAsync(UnknownWallet, Form("command=delink&x=" + new string('x', length - 17)));

        AssertProblem(answer, 413, "body_too_large", retryable: false);
        Assert.Equal("The body is longer than 16 KiB.", answer.Member("detail")?.GetString());
    }

    [SkippableFact]
    public async Task Delink_BodyOf16KiB_IsRead() => AssertProblem(
        await DelinkAsync(UnknownWallet, Form("command=link&x=" + new string('x', (16 * 1024) - 15))), 400, "unsupported_command", retryable: false);

    [SkippableTheory]
    [InlineData("command=delink", "text/plain", "Content-Type must be application/x-www-form-urlencoded or application/json")]
    [InlineData("command=%", "application/x-www-form-urlencoded", "The body is not a URL-encoded form")]
    [InlineData("[]", "application/json", "The body is not a JSON object")]
    [InlineData("{", "application/json", "The body is not valid JSON")]
    [InlineData("{}", "application/json", "The body has no command")]
    [InlineData("command=link", "application/x-www-form-urlencoded", "Only the command delink is supported")]
    [InlineData("command=delink&command=delink", "application/x-www-form-urlencoded", "The body has several commands")]
    [Trait(Sends, ExactBytes)]
    public async Task Delink_RefusedBody_SaysWhatIsWrongAndWhatToSend(string body, string contentType, string mistake)
    {
        var detail = (await DelinkAsync(UnknownWallet, Body(body, contentType))).Member("detail")?.GetString();

        Assert.StartsWith(mistake, detail, StringComparison.Ordinal);
        Assert.EndsWith("""Send the form field command=delink, or the JSON {"command":"delink"}.""", detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("/wallets/a.b", "r", "must be 1 to 128 letters, digits, underscores and hyphens. Example: /wallets/wlm_")]
    [InlineData("/customers/a,b/delink", "r", "must be 1 to 128 letters, digits and _ - . @ +, and not dots alone. Example: /customers/customer_")]
    [InlineData("/wallets/a", "one,two", "once: 1 to 128 printable ASCII characters without a comma. Use the customer id")]
    public async Task Delink_RefusedId_SaysWhatOneIs(string path, string routingId, string rule)
    {
        var answer = await target.SendAsync(HttpMethod.Post, path, Form("command=delink"), headers: ("x-routing-id", routingId));

        // The raw answer should be readable, so only what JSON requires is escaped.
        Assert.Contains(rule, answer.Body, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Delink_ChunkedBodyThatArrivesEmpty_IsRefused() =>
        AssertProblem(await DelinkAsync(UnknownWallet, new ChunkedContent("")), 411, "length_required", retryable: false);

    /// <summary>The content of <c>PostAsJsonAsync</c>, and the same with a known length. It has no command, which shows that it was read.</summary>
    [SkippableFact]
    public async Task Delink_JsonContentOfDotnet_IsReadAfterItIsBuffered()
    {
        using var chunked = JsonContent.Create(new WebhookDocument(), HttpJson.Plain.WebhookDocument);
        using var buffered = JsonContent.Create(new WebhookDocument(), HttpJson.Plain.WebhookDocument);
        await buffered.LoadIntoBufferAsync();

        Assert.Contains((await DelinkAsync(UnknownWallet, chunked)).Code, new[] { "length_required", "unsupported_command" });
        AssertProblem(await DelinkAsync(UnknownWallet, buffered), 400, "unsupported_command", retryable: false);
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("wrong-key")]
    [InlineData("x")]
    public async Task AnyFunction_WithoutItsKey_IsAnEmpty401(string? key)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, $"/wallets/{UnknownWallet}"), (HttpMethod.Post, "/customers/c/delink"), (HttpMethod.Get, "/health/ready") })
        {
            var answer = await target.SendAsync(method, path, method == HttpMethod.Post ? Form("command=delink") : null, key, ("x-routing-id", "r"));

            Assert.Equal((401, ""), (answer.Status, answer.Body));
        }
    }

    [SkippableTheory]
    [InlineData("/webhooks/delink")]
    [InlineData("/webhooks/of-nobody/delink")]
    public async Task Webhook_WithoutASignature_IsRefused(string path)
    {
        var answer = await target.SendAsync(HttpMethod.Post, path, Body("{}", "application/json"), key: null);

        // A deployment without webhooks has no secret to verify them with.
        if (answer.Status is 503)
        {
            AssertProblem(answer, 503, "webhook_secret_not_configured", retryable: false, hasRetryAfter: true);
        }
        else
        {
            AssertProblem(answer, 401, "invalid_signature", retryable: false);
        }
    }

    [SkippableTheory]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("a%2Cb")]
    public async Task DelinkCustomer_PathThatIsNoCustomerId_IsRefused(string customerId) =>
        AssertRefused(await target.SendAsync(HttpMethod.Post, $"/customers/{customerId}/delink", Form("command=delink")), 400, "invalid_customer_id");

    [SkippableTheory]
    [InlineData("GET", "/wallets/wlt_1")]
    [InlineData("DELETE", "/wallets/wlt_1")]
    [InlineData("PUT", "/wallets/wlt_1")]
    [InlineData("POST", "/health")]
    [InlineData("POST", "/wallets")]
    [InlineData("POST", "/wallets/a/b")]
    [InlineData("GET", "/orders/1")]
    [InlineData("POST", "/customers/c/wallets")]
    [InlineData("GET", "/customers/c/delink")]
    [InlineData("GET", "/webhooks/delink")]
    [InlineData("POST", "/webhooks")]
    public async Task AnyOtherRoute_IsA404WithoutABody(string method, string path)
    {
        var answer = await target.SendAsync(HttpMethod.Parse(method), path);

        Assert.Equal((404, ""), (answer.Status, answer.Body));
    }

    /// <summary>The Functions host offers the query and the members of a JSON body as values of a function's parameters, too.</summary>
    [SkippableTheory]
    [InlineData("POST", "/wallets/wlt_1", 400, "invalid_routing_id")]
    [InlineData("POST", "/customers/c/delink", 400, "unsupported_command")]
    [InlineData("POST", "/webhooks/delink", 401, "invalid_signature")]
    [InlineData("POST", "/webhooks/unknown/delink", 401, "invalid_signature")]
    [InlineData("GET", "/health/ready", 200, null)]
    public async Task AnyRoute_WithTheNameOfAParameterInQueryAndBody_IgnoresIt(string method, string path, int status, string? code)
    {
        foreach (var name in new[] { "cancellationToken", "request", "walletId", "customerId", "name", "context" })
        {
            var body = method is "POST" ? Body($$"""{"command":"link","{{name}}":"x.y"}""", "application/json") : null;

            var answer = await target.SendAsync(HttpMethod.Parse(method), $"{path}?{name}=x.y", body);

            Assert.Equal((status, code), (answer.Status, answer.Code));
        }
    }

    [SkippableFact]
    public async Task Health_WithoutAKey_Is200()
    {
        var answer = await target.SendAsync(HttpMethod.Get, "/health", key: null);

        Assert.Equal((200, "application/json", "alive"), (answer.Status, answer.ContentType, answer.Member("status")?.GetString()));
        AssertCommonHeaders(answer);
    }

    [SkippableFact]
    public async Task Ready_WhenTheKeyIsAtHand_Is200()
    {
        var answer = await target.SendAsync(HttpMethod.Get, "/health/ready");

        Assert.Equal((200, "ready"), (answer.Status, answer.Member("status")?.GetString()));
        AssertCommonHeaders(answer);
    }

    [SkippableFact]
    public async Task Problem_WithACallersTrace_CarriesItsId()
    {
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";

        var answer = await target.SendAsync(HttpMethod.Post, "/wallets/a.b", Form("command=delink"), headers: ("traceparent", $"00-{TraceId}-b7ad6b7169203331-01"));

        Assert.Equal(TraceId, answer.Member("traceId")?.GetString());
    }

    internal static void AssertProblem(Answer answer, int status, string code, bool retryable, bool? hasRetryAfter = null)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal(code, answer.Code);
        Assert.Equal(status, answer.Member("status")?.GetInt32());
        Assert.Equal(retryable, answer.Member("retryable")?.GetBoolean());
        Assert.Equal("urn:problem-type:walletfunctions:" + code, answer.Member("type")?.GetString());
        Assert.NotEmpty(answer.Member("title")!.Value.GetString()!);
        Assert.NotEmpty(answer.Member("detail")!.Value.GetString()!);
        Assert.Matches("^[0-9a-f]{32}$", answer.Member("traceId")!.Value.GetString());
        Assert.Equal(hasRetryAfter ?? retryable, answer.RetryAfter is not null);
        if (answer.RetryAfter is not null)
        {
            Assert.True(int.Parse(answer.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture) > 0);
        }

        AssertCommonHeaders(answer);
    }

    private static void AssertUnlinked(Answer answer)
    {
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(JsonValueKind.False, answer.Member("linked")?.ValueKind);
        Assert.Equal(WalletId, answer.Member("id")?.GetString());
        Assert.Equal(JsonValueKind.Null, answer.Member("token")?.ValueKind);
        AssertCommonHeaders(answer);
    }

    /// <summary>Accepts an empty 400 or 404 as well, because a host may refuse a path before it calls the function.</summary>
    private static void AssertRefused(Answer answer, int status, string code)
    {
        if (answer.Status is not (400 or 404) || answer.Body.Length > 0)
        {
            AssertProblem(answer, status, code, retryable: false);
        }
    }

    private static void AssertCommonHeaders(Answer answer)
    {
        Assert.Contains("Cache-Control: no-store", answer.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Content-Type-Options: nosniff", answer.Headers, StringComparison.OrdinalIgnoreCase);
    }

    private Task<Answer> DelinkAsync(string walletId, HttpContent content) =>
        target.SendAsync(HttpMethod.Post, $"/wallets/{walletId}", content, headers: ("x-routing-id", RoutingId));

    private static ByteArrayContent Form(string body) => Body(body, "application/x-www-form-urlencoded");

    private static ByteArrayContent Body(string body, string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return content;
    }

    /// <summary>A form without a known length, which HttpClient therefore sends chunked.</summary>
    private sealed class ChunkedContent : HttpContent
    {
        private readonly byte[] _body;

        public ChunkedContent(string body)
        {
            _body = Encoding.UTF8.GetBytes(body);
            Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(_body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

public sealed class LocalHostContractTests(LocalTarget target) : ContractTests(target), IClassFixture<LocalTarget>;

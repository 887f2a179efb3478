using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Http;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Problems;
using WalletFunctions.Tests.OpenApi;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>Every row of the error table, caused by a real fault. A row without one fails a test.</summary>
public sealed class ErrorTableTests
{
    private static readonly Provocation[] Provocations =
    [
        new("invalid_wallet_id", "a dot in the id", host => host.DelinkAsync("wlm.1")),
        new("invalid_customer_id", "a comma in the id", host => host.DelinkCustomerAsync("a,b")),
        new("invalid_routing_id", "no x-routing-id", host => host.DelinkAsync(routingId: null)),
        new("unsupported_command", "link", host => host.DelinkAsync(body: "command=link&otp=345678")),
        new("malformed_body", "half an escape", host => host.DelinkAsync(body: "command=%")),
        new("route_not_found", "POST /", host => host.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/"))),
        new("caller_cancelled", "a body that breaks off", async host =>
        {
            var request = new IncomingRequest { Header = name => name is "x-routing-id" ? [TestHost.Customer] : [], Body = new BrokenStream() };
            return Answer.Of(await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync(TestHost.Paytm, request, CancellationToken.None));
        }),
        new("length_required", "a chunked body that arrives empty", host => host.SendAsync(ChunkedAndEmpty())),
        new("body_too_large", "17 KiB", host => host.DelinkAsync(body: "command=delink&x=" + new string('x', 17 * 1024))),
        new("unsupported_content_type", "text", host => host.DelinkAsync(contentType: "text/plain")),
        new("wallet_not_found", "an unknown wallet", host => host.DelinkAsync("wlt_ofNobody")) { Juspay = true },
        new("customer_not_found", "an unknown customer", host => host.DelinkCustomerAsync("nobody")) { Juspay = true },
        new("invalid_signature", "no signature", host => host.SendEventAsync("{}", signature: "")),
        new("unknown_merchant", "a key that names none", host => host.DelinkAsync()) { Settings = ["--Merchants:shop-a:MerchantId=a", "--Merchants:RequireMatch=true"] },
        new("unknown_merchant", "a key that names none, asked by a monitor", host => host.GetAsync("/health/ready"))
        {
            Settings = ["--Merchants:shop-a:MerchantId=a", "--Merchants:RequireMatch=true"],
        },
        new("unknown_merchant", "a key that names none, for a customer", host => host.DelinkCustomerAsync())
        {
            Settings = ["--Merchants:shop-a:MerchantId=a", "--Merchants:RequireMatch=true"],
        },
        new("partially_delinked", "one of two wallets fails", host =>
        {
            host.Fault(new Fault { Method = "POST", Status = 400, Count = 2, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" });
            return host.DelinkCustomerAsync();
        }),
        new("webhook_secret_unavailable", "vault down", host => host.SendEventAsync("{}")) { Prepare = simulation => simulation.Faults.Add(VaultDown) },
        new("webhook_secret_not_configured", "no secret", host => host.SendEventAsync("{}"))
        {
            Prepare = simulation => simulation.KeyVault!.Delete("webhook-signing-secret"), RetryAfter = "5",
        },
        new("webhook_secret_not_configured", "no whsec_", host => host.SendEventAsync("{}"))
        {
            Prepare = simulation => simulation.KeyVault!.Store("webhook-signing-secret", "plain"), RetryAfter = "5",
        },
        new("wallet_busy", "DUPLICATE_REQUEST", Suffering(new Fault { Status = 400, Body = """{"error_info":{"code":"DUPLICATE_REQUEST"}}""" })) { Juspay = true },
        new("wallet_busy", "409", Suffering(new Fault { Status = 409 })) { Juspay = true },
        new("juspay_rejected", "INVALID_INPUT", Suffering(new Fault { Status = 400, Body = """{"error_info":{"code":"INVALID_INPUT"}}""" })) { Juspay = true },
        new("juspay_rejected", "INVALID_ACTION on a linked wallet", Suffering(new Fault { Status = 400, Method = "POST", Body = """{"error_info":{"code":"INVALID_ACTION"}}""" }))
        {
            Juspay = true,
        },
        new("juspay_unauthenticated", "a revoked key", host =>
        {
            host.Juspay.Accept("another-key");
            return host.DelinkAsync();
        }) { Juspay = true },
        new("juspay_forbidden", "BAD_ORIGIN", Suffering(new Fault
        {
            Status = 403, Body = """{"error":true,"error_message":"Internal Server error.","error_info":{"code":"BAD_ORIGIN","category":"USER_ERROR"}}""",
        })) { Juspay = true },
        new("juspay_throttled", "429 for a minute", Suffering(new Fault
        {
            Status = 429, Count = 100, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "60" },
        })) { Juspay = true, RetryAfter = "60" },
        new("juspay_unavailable", "503 three times", Suffering(new Fault { Status = 503, Count = 3 })) { Juspay = true },
        new("juspay_unavailable", "three resets", Suffering(new Fault { Reset = true, Count = 3 })),
        new("juspay_unavailable", "no server listens", host => host.DelinkAsync()) { Settings = ["--Juspay:BaseUrl=http://127.0.0.1:1", "--LocalHost:JuspayApiKey=any-key"] },
        new("juspay_unexpected_response", "another wallet", Suffering(new Fault { Status = 200, Body = """{"id":"wlt_another","linked":false}""" })) { Juspay = true },
        new("juspay_unexpected_response", "still linked", Suffering(new Fault { Status = 200, Body = """{"id":"wlm_vNb87tTUvbb86bD","linked":"true"}""" })),
        new("juspay_unexpected_response", "garbage", Suffering(new Fault { Status = 200, GarbageBytes = 500 })) { Juspay = true },
        new("juspay_unexpected_response", "404 without an envelope", Suffering(new Fault { Status = 404, Body = "<html>404</html>" })) { Juspay = true },
        new("juspay_unexpected_response", "redirect", Suffering(new Fault
        {
            Status = 302, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Location"] = "/elsewhere" },
        })) { Juspay = true },
        new("juspay_timeout", "silence", async host =>
        {
            Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
            host.Fault(new Fault { DelayMs = -1, Count = 100 });
            var answer = host.DelinkAsync();
            await host.Time.WaitForTimerAsync(TimeSpan.FromSeconds(5));
            host.Time.Advance(TimeSpan.FromSeconds(5));
            return await answer;
        }) { Settings = ["--Juspay:MaxAttempts=1"] },
        new("api_key_unavailable", "vault down", host => host.DelinkAsync()) { Prepare = simulation => simulation.Faults.Add(VaultDown) },
        new("api_key_unavailable", "not allowed to read", host => host.DelinkAsync()) { Prepare = simulation => simulation.KeyVault!.Allowed = false },
        new("api_key_unavailable", "vault down, asked by a monitor", host => host.GetAsync("/health/ready")) { Prepare = simulation => simulation.Faults.Add(VaultDown) },
        new("api_key_not_configured", "no secret", host => host.DelinkAsync()) { Prepare = simulation => simulation.StoreSecret(null, enabled: true, expiresOn: null) },
        new("api_key_not_configured", "disabled", host => host.DelinkAsync()) { Prepare = simulation => simulation.StoreSecret("a-key", enabled: false, expiresOn: null) },
        new("api_key_not_configured", "empty", host => host.DelinkAsync()) { Prepare = simulation => simulation.StoreSecret("\n", enabled: true, expiresOn: null) },
        new("api_key_not_configured", "two lines", host => host.DelinkAsync()) { Prepare = simulation => simulation.StoreSecret("one\ntwo", enabled: true, expiresOn: null) },
        new("api_key_not_configured", "no secret, asked by a monitor", host => host.GetAsync("/health/ready"))
        {
            Prepare = simulation => simulation.StoreSecret(null, enabled: true, expiresOn: null),
        },
        new("intake_unavailable", "the queue fails", host => host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"customer_1122"}}"""))
        {
            Settings = ["--Webhooks:Intake=queue"],
            Prepare = simulation => simulation.Faults.Add(new Fault { Target = FaultTarget.Queue, Method = "POST", Status = 503, Count = 100 }),
        },
        new("internal_error", "a dependency that throws", host => host.DelinkAsync()) { Configure = (builder, _, _) => builder.Services.AddSingleton<Random>(new BrokenRandom()) },
    ];

    private static Fault VaultDown => new() { Target = FaultTarget.KeyVault, Status = 503, Count = 100 };

    public static IEnumerable<object[]> Names => Provocations.Select(provocation => new object[] { provocation.Code, provocation.Name });

    [SimulatorTheory]
    [MemberData(nameof(Names))]
    public async Task Row_Provoked_AnswersAsTheTableSays(string code, string name)
    {
        var provocation = Provocations.Single(provocation => (provocation.Code, provocation.Name) == (code, name));
        var row = ProblemType.All.Single(row => row.Code == code);
        await using var host = await TestHost.StartAsync(provocation.Settings, provocation.Prepare, provocation.Configure);

        var answer = await provocation.Act(host);

        ContractTests.AssertProblem(answer, row.Status, row.Code, row.Retryable, hasRetryAfter: row.Retryable || provocation.RetryAfter is not null);
        Assert.Equal(provocation.Juspay, answer.Member("juspay") is not null);
        Assert.Equal(provocation.RetryAfter ?? answer.RetryAfter, answer.RetryAfter);
        // The OpenAPI document describes routes only, so it has no example for this row.
        if (row == ProblemType.RouteNotFound)
        {
            Assert.Contains("/openapi.json", answer.Member("detail")?.GetString(), StringComparison.Ordinal);
        }
        else if (provocation == Provocations.First(provocation => provocation.Code == code))
        {
            Examples.AssertIs(code, answer.Body);
        }

        if (row == ProblemType.InternalError)
        {
            Assert.Single(host.Transcript.Logs, line => line.StartsWith("Error", StringComparison.Ordinal)
                && line.Contains($"internal_error trace_id={answer.Member("traceId")} System.InvalidOperationException", StringComparison.Ordinal));
        }
        else if (host.Simulation.Juspay is not null)
        {
            Assert.True(host.IsLinked(TestHost.Paytm));
        }
    }

    [Fact]
    public void Row_OfTheTable_HasAProvocation() =>
        Assert.Equal(ProblemType.All.Select(row => row.Code).Order(StringComparer.Ordinal), Provocations.Select(provocation => provocation.Code).Distinct().Order(StringComparer.Ordinal));

    [SimulatorFact]
    public async Task Row_JuspayUnavailable_AlsoWhenTlsFails()
    {
        await using var untrusted = new SimulatedKeyVault(new FaultQueue());
        await untrusted.StartAsync();
        await using var host = await TestHost.StartAsync([$"--Juspay:BaseUrl={untrusted.BaseUrl}", "--LocalHost:JuspayApiKey=any-key"]);

        ContractTests.AssertProblem(await host.DelinkAsync(), 502, "juspay_unavailable", retryable: true);
    }

    private static Func<TestHost, Task<Answer>> Suffering(Fault fault) => host =>
    {
        host.Fault(fault);
        return host.DelinkAsync();
    };

    private static HttpRequestMessage ChunkedAndEmpty()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{TestHost.Paytm}") { Content = new ByteArrayContent([]) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("x-routing-id", TestHost.Customer);
        request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        return request;
    }

    private sealed record Provocation(string Code, string Name, Func<TestHost, Task<Answer>> Act)
    {
        public string[]? Settings { get; init; }

        public Action<Simulation>? Prepare { get; init; }

        public Action<WebApplicationBuilder, Simulation, ObservedTime>? Configure { get; init; }

        /// <summary>Whether the problem contains Juspay's error.</summary>
        public bool Juspay { get; init; }

        public string? RetryAfter { get; init; }
    }

    /// <summary>Throws, to represent a bug in the product.</summary>
    private sealed class BrokenRandom : Random
    {
        public override double NextDouble() => throw new InvalidOperationException("broken");
    }
}

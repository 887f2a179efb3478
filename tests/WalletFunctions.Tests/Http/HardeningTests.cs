using System.Globalization;
using System.Text.Json;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Http;

/// <summary>What a hostile caller or a hostile Juspay can read and write.</summary>
public sealed class HardeningTests
{
    private const string Canary = "c4n4ry";

    /// <summary>The inputs in which a caller can send text.</summary>
    private static readonly Dictionary<string, Func<TestHost, string, Task<Answer>>> Inputs = new(StringComparer.Ordinal)
    {
        ["wallet id"] = (host, text) => host.DelinkAsync(Uri.EscapeDataString(text)),
        ["customer id"] = (host, text) => host.DelinkCustomerAsync(Uri.EscapeDataString(text)),
        ["routing id"] = (host, text) => host.DelinkAsync("wlt_unknown", routingId: OneHeader(text)),
        ["command"] = (host, text) => host.DelinkAsync(body: "command=" + Uri.EscapeDataString(text)),
        ["another field"] = (host, text) => host.DelinkAsync("wlt_unknown", body: $"command=delink&{Uri.EscapeDataString(text)}=1"),
        ["JSON"] = (host, text) => host.DelinkAsync(body: JsonSerializer.Serialize(text, StringContext.Default.String), contentType: "application/json"),
        ["content type"] = (host, text) => host.SendAsync(Post("/wallets/wlt_unknown", ("Content-Type", text))),
        ["trace context"] = (host, text) => host.SendAsync(Post("/wallets/wlt_unknown", ("traceparent", text), ("tracestate", text))),
        ["query"] = (host, text) => host.SendAsync(Post($"/wallets/wlt_unknown?x={Uri.EscapeDataString(text)}")),
        ["webhook's merchant"] = (host, text) => host.SendEventAsync("{}", path: $"/webhooks/{Uri.EscapeDataString(text)}/delink"),
        ["webhook's signature"] = (host, text) => host.SendEventAsync("{}", signature: OneHeader(text)),
        ["webhook's id"] = (host, text) => host.SendAsync(Post("/webhooks/delink", ("webhook-id", text), ("webhook-timestamp", "1"), ("webhook-signature", "v1,x")), key: null),
        ["event's type"] = (host, text) => host.SendEventAsync($$$"""{"type":{{{JsonSerializer.Serialize(text, StringContext.Default.String)}}}}"""),
        ["event's wallet"] = (host, text) => host.SendEventAsync(
            $$$"""{"type":"wallet.delink_requested","data":{"customer_id":"c","wallet_id":{{{JsonSerializer.Serialize(text, StringContext.Default.String)}}}}}"""),
    };

    /// <summary>Where Juspay, or a server in its place, can put text.</summary>
    private static readonly Dictionary<string, Func<string, Fault>> Answers = new(StringComparer.Ordinal)
    {
        ["message"] = text => new Fault { Status = 400, Body = $$$"""{"error_message":{{{text}}},"error_info":{"code":"INVALID_INPUT"}}""" },
        ["code"] = text => new Fault { Status = 400, Body = $$$"""{"error_info":{"code":{{{text}}}}}""" },
        ["status"] = text => new Fault { Status = 400, Body = $$$"""{"status":{{{text}}},"error_code":{{{text}}}}""" },
        ["request id"] = text => new Fault { Status = 400, Body = $$$"""{"error_info":{"code":"INVALID_INPUT","request_id":{{{text}}}}}""" },
        ["wallet id"] = text => new Fault { Status = 200, Body = $$$"""{"id":{{{text}}},"linked":false}""" },
        ["page"] = text => new Fault { Status = 502, Body = text },
    };

    private static readonly string[] Hostile =
    [
        "x\u001b[31mred", "x\r\nInformation delink_audit outcome=delinked", "x\ninternal_error", "x\u2028y\u2029z", "x\u202ey", "x\0y", "x\u009by", "%0d%0adelink_audit", "{0} {Caller}",
        "<script>alert(1)</script>", "${jndi:ldap://127.0.0.1/x}",
    ];

    public static IEnumerable<object[]> InputNames => Inputs.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> AnswerNames => Answers.Keys.Select(name => new object[] { name });

    [SimulatorTheory]
    [MemberData(nameof(InputNames))]
    public async Task Caller_CannotWriteIntoTheLogOrTheAnswer(string input)
    {
        await using var host = await TestHost.StartAsync();

        foreach (var text in Hostile)
        {
            var answer = await Inputs[input](host, text + Canary);

            Assert.NotEqual(500, answer.Status);
            Assert.DoesNotContain(Canary, answer.Body + answer.Headers, StringComparison.OrdinalIgnoreCase);
            AssertIsPlain(host);
        }
    }

    [SimulatorTheory]
    [MemberData(nameof(AnswerNames))]
    public async Task Juspay_CannotWriteIntoTheLog(string place)
    {
        await using var host = await TestHost.StartAsync();

        foreach (var text in Hostile)
        {
            host.Fault(Answers[place](JsonSerializer.Serialize(text + Canary, StringContext.Default.String)) with { Count = 3 });
            var answer = await host.DelinkAsync();

            Assert.NotInRange(answer.Status, 200, 299);
            Assert.DoesNotContain(answer.Member("juspay")?.ToString() ?? "", IsDangerous);
            AssertIsPlain(host);
            host.Simulation.Faults.Clear();
        }
    }

    [SimulatorFact]
    public async Task EveryAnswer_DoesNotRevealTheSoftware()
    {
        await using var host = await TestHost.StartAsync();
        Answer[] answers =
        [
            await host.DelinkAsync(), await host.DelinkAsync("wlt_unknown"), await host.DelinkAsync("."), await host.DelinkAsync(body: "command=link"),
            await host.DelinkCustomerAsync(), await host.DelinkCustomerAsync("nobody"), await host.SendEventAsync("{}"), await host.SendEventAsync("{}", signature: ""),
            await host.GetAsync("/health"), await host.GetAsync("/health/ready"), await host.GetAsync("/openapi.json"), await host.GetAsync("/nothing/here"),
            await host.SendAsync(Post("/wallets/" + TestHost.Paytm), key: "wrong"),
        ];

        Assert.All(answers, answer =>
        {
            Assert.DoesNotMatch(@"(?im)^(Server|X-Powered-By|X-AspNet\w*|Set-Cookie|Access-Control-\S+):", answer.Headers);
            Assert.DoesNotContain("   at ", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
            Assert.True(answer.Body.Length is 0 || answer.Headers.Contains("X-Content-Type-Options: nosniff", StringComparison.Ordinal), answer.Headers);
            Assert.True(answer.Body.Length is 0 || answer.Headers.Contains("Cache-Control: no-store", StringComparison.Ordinal), answer.Headers);
        });
    }

    /// <summary>Each log entry is one readable line, and each audit record has exactly one outcome.</summary>
    private static void AssertIsPlain(TestHost host)
    {
        Assert.NotEmpty(host.Transcript.Logs);
        Assert.All(host.Transcript.Logs, line =>
        {
            Assert.DoesNotContain(line, IsDangerous);
            Assert.True(line.Split("outcome=").Length <= 2, line);
        });
    }

    private static bool IsDangerous(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;

    /// <summary>The part of a text that can be sent in a header.</summary>
    private static string OneHeader(string text) => new([.. text.Where(character => character is >= ' ' and <= '~')]);

    private static HttpRequestMessage Post(string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent("command=delink"u8.ToArray()) };
        request.Headers.Add("x-routing-id", "customer_1122");
        foreach (var (name, value) in headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, OneHeader(value)) || request.Content.Headers.TryAddWithoutValidation(name, OneHeader(value));
        }

        return request;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class StringContext : System.Text.Json.Serialization.JsonSerializerContext;

using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Http;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Http;

/// <summary>For any input of a caller: the answer is not a 500, and only one well-formed delink reaches Juspay.</summary>
public sealed partial class HostileInputTests
{
    // Half of the values are valid, so that many requests are valid as a whole, and mistakes occur alone and together.
    private static readonly Gen<string> Ids = Mostly(
        Gen.String[Gen.Char.AlphaNumeric, 1, 20],
        Gen.String[Gen.Char["abcXYZ019_-./%\\?#;:@&=+ \0\r\n\té\u0661\ud800"], 0, 40],
        Gen.String[0, 200],
        Gen.OneOf("", ".", "..", "../orders", "..%2Forders", "%2e%2e", "a/../b", "wlm_1?x=1", "wlm_1#x", new string('w', 128), new string('w', 129), "wlm_vNb87tTUvbb86bD\n"));

    private static readonly Gen<string[]> RoutingIds = Mostly(
        Gen.Const(new[] { "customer_1122" }),
        Gen.String[Gen.Char[' ', '~'], 1, 30].Select(text => new[] { text }),
        Gen.String[0, 150].Array[0, 3]);

    private static readonly Gen<byte[]> Bodies = Mostly(
        Gen.OneOf("command=delink", """{"command":"delink"}""", "command=%64elink", """{"comm\u0061nd":"delink","x":[1]}""").Select(Encoding.UTF8.GetBytes),
        Gen.OneOf("command=delink&command=link", "command", "%", "=", "&&&", "{", "[[[[[[[[[[", "null", "{\"command\":\"delink\",\"command\":\"delink\"}").Select(Encoding.UTF8.GetBytes),
        Gen.Byte.Array[0, 60],
        Gen.String[Gen.Char["comandelik=&%{}[]\":, \\u0"], 0, 60].Select(Encoding.UTF8.GetBytes));

    private static readonly Gen<string[]> ContentTypes = Mostly(
        Gen.OneOf("application/x-www-form-urlencoded", "application/json", "APPLICATION/JSON; charset=\"utf-8\"").Select(type => new[] { type }),
        Gen.OneOf("text/plain", "", ";", "application/json, text/plain", "a/b;c=\"", "\0").Array[0, 2]);

    [GeneratedRegex("^[A-Za-z0-9_-]{1,128}$")]
    private static partial Regex WalletId { get; }

    [Fact]
    public async Task Delink_10000HostileRequests_NeverFailAndNeverReachJuspayUnlessValid()
    {
        await using var host = await TestHost.StartAsync();
        var endpoint = host.Services.GetRequiredService<WalletEndpoint>();
        var reached = 0;

        await Gen.Select(Ids, RoutingIds, Bodies, ContentTypes, Gen.OneOf("x-routing-id", "x-customerid")).SampleAsync(
            async (id, routingIds, body, contentTypes, header) =>
            {
                var before = host.Juspay.Requests.Count;
                var answer = await endpoint.HandleAsync(id, Request(routingIds, body, contentTypes, routingHeader: header), CancellationToken.None);

                Assert.True(answer.Status is 200 or 400 or 404 or 411 or 413 or 415, $"status {answer.Status}");
                var received = host.Juspay.Requests.Skip(before).ToArray();
                // Here, a 404 comes from Juspay. Every other refusal was made before anything was sent.
                Assert.Equal(answer.Status is 200 or 404 ? 1 : 0, received.Length);
                if (received is [var request])
                {
                    reached++;
                    Assert.Matches(WalletId, id);
                    Assert.Equal(("POST", $"/wallets/{id}", "command=delink"), (request.Method, request.Path, request.Body));
                    Assert.Equal(routingIds.Single().Trim(' '), request.Headers["x-routing-id"]);
                }
            },
            iter: 10_000, threads: 1);

        Assert.InRange(reached, 100, 5_000);
    }

    [Fact]
    public async Task Delink_HostileBytesOnTheWire_NeverFail()
    {
        await using var host = await TestHost.StartAsync();
        using var connection = new Connection(host.Client.BaseAddress!);

        await Gen.Select(Gen.String[Gen.Char["abAB09_-./%2eEfF\\?;:@&=+~"], 0, 40], Gen.String[Gen.Char[' ', '~'], 0, 40]).SampleAsync(
            async (path, routingId) =>
            {
                var status = await connection.SendAsync(
                    $"POST /wallets/{path} HTTP/1.1\r\nHost: x\r\nx-functions-key: {TestHost.Key}\r\nx-routing-id: {routingId}\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\ncommand=delink");

                Assert.True(status is 200 or (>= 400 and < 500), $"{path} → {status}");
            },
            iter: 2_000, threads: 1);

        Assert.All(host.Juspay.Requests, request => Assert.Matches("^/wallets/[A-Za-z0-9_-]{1,128}$", request.Path));
        Assert.NotEmpty(host.Juspay.Requests);
    }

    [Fact]
    public async Task Delink_BodyThatBreaksOff_IsRetryable()
    {
        await using var host = await TestHost.StartAsync();
        var request = Request([TestHost.Customer], [], ["application/x-www-form-urlencoded"], new BrokenStream());

        var answer = await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync(TestHost.Paytm, request, CancellationToken.None);

        Assert.Equal(503, answer.Status);
        Assert.Contains("caller_cancelled", Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
        Assert.Contains("before the body was complete", Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
        Assert.Empty(host.Juspay.Requests);
    }

    [Fact]
    public async Task Delink_BodyDeclaredTooLong_IsNotEvenRead()
    {
        await using var host = await TestHost.StartAsync();
        var request = Request([TestHost.Customer], [], ["application/x-www-form-urlencoded"], new BrokenStream(), ("content-length", "16385"));

        var answer = await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync(TestHost.Paytm, request, CancellationToken.None);

        Assert.Equal(413, answer.Status);
    }

    [Theory]
    [InlineData("Content-Encoding", "", 200)]
    [InlineData("Content-Encoding", "identity", 200)]
    [InlineData("Content-Encoding", " IDENTITY ", 200)]
    [InlineData("Content-Encoding", "br", 415)]
    [InlineData("Content-Length", "many", 200)]
    [InlineData("Transfer-Encoding", "chunked", 200)]
    public async Task Delink_HeadersAboutTheBody_MatterOnlyWhereTheyChangeIt(string name, string value, int status)
    {
        await using var host = await TestHost.StartAsync();
        var request = Request([TestHost.Customer], "command=delink"u8.ToArray(), ["application/x-www-form-urlencoded"], stream: null, (name, value));

        var answer = await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync(TestHost.Paytm, request, CancellationToken.None);

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("gzip", 400)]
    [InlineData("gzip, Chunked", 411)]
    public async Task Delink_EmptyBody_NeedsALengthOnlyIfItWasChunked(string transferEncoding, int status)
    {
        await using var host = await TestHost.StartAsync();
        var request = Request([TestHost.Customer], [], ["application/x-www-form-urlencoded"], stream: null, ("transfer-encoding", transferEncoding));

        var answer = await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync(TestHost.Paytm, request, CancellationToken.None);

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task Delink_WithoutAKeyNameAndATrace_GetsOneTraceIdForAnswerAndAudit()
    {
        await using var host = await TestHost.StartAsync();

        var answer = await host.Services.GetRequiredService<WalletEndpoint>().HandleAsync("a.b", Request([], [], []), CancellationToken.None);

        var traceId = JsonDocument.Parse(answer.Body).RootElement.GetProperty("traceId").GetString();
        var record = Assert.Single(host.Transcript.Logs, line => line.Contains("delink_audit", StringComparison.Ordinal));
        Assert.Contains(" caller=- ", record, StringComparison.Ordinal);
        Assert.Contains($"trace_id={traceId}", record, StringComparison.Ordinal);
    }

    private static Gen<T> Mostly<T>(Gen<T> valid, params Gen<T>[] hostile) => Gen.Frequency((1, valid), (1, Gen.OneOf(hostile)));

    private static IncomingRequest Request(
        string[] routingIds, byte[] body, string[] contentTypes, Stream? stream = null, (string Name, string Value)? other = null, string routingHeader = "x-routing-id") => new()
        {
            Header = name => name.ToLowerInvariant() switch
            {
                "content-type" => contentTypes,
                var asked when asked == routingHeader => routingIds,
                var asked => asked.Equals(other?.Name, StringComparison.OrdinalIgnoreCase) ? [other!.Value.Value] : [],
            },
            Body = stream ?? new MemoryStream(body),
        };

    /// <summary>HTTP without a client that corrects it.</summary>
    private sealed class Connection(Uri address) : IDisposable
    {
        private TcpClient? _client;

        public async Task<int> SendAsync(string request)
        {
            _client ??= new TcpClient(address.Host, address.Port);
            var stream = _client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));

            var answer = new StringBuilder();
            var buffer = new byte[4096];
            while (!IsComplete(answer.ToString()))
            {
                var read = await stream.ReadAsync(buffer);
                if (read is 0)
                {
                    break;
                }

                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            if (answer.ToString().Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
            {
                Dispose();
                _client = null;
            }

            return int.Parse(answer.ToString().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        public void Dispose() => _client?.Dispose();

        private static bool IsComplete(string answer)
        {
            var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var length = Regex.Match(answer, "Content-Length: ([0-9]+)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);
            return end >= 0 && length.Success
                && answer.Length >= end + 4 + int.Parse(length.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}

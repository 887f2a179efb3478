using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using WalletFunctions.Http;
using WalletFunctions.LocalHost;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>
/// The local host handles requests, byte by byte, as Functions host 4.1037 was seen to do. HttpClient would correct some of these requests.
/// </summary>
public sealed class RawWireTests
{
    [Theory]
    [InlineData("/wallets/wlm_vNb87tTUvbb86bD", "application/x-www-form-urlencoded", "command=delink")]
    [InlineData("/customers/customer_1122/delink", "application/json", """{"command":"delink"}""")]
    [InlineData("/webhooks/delink", "application/json", """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""")]
    public async Task ChunkedBody_ArrivesEmpty_AndIs411(string path, string contentType, string body)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await SendAsync(
            host.Client.BaseAddress!, $"POST {path}",
            ["x-functions-key: local-key", "x-routing-id: customer_1122", $"Content-Type: {contentType}", "Transfer-Encoding: chunked"],
            $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");

        Assert.Equal(411, answer.Status);
        Assert.Contains("\"length_required\"", answer.Body, StringComparison.Ordinal);
        Assert.Empty(host.Juspay.Requests);
    }

    [Theory]
    [InlineData("GET /wallets/wlm_vNb87tTUvbb86bD")]
    [InlineData("DELETE /customers/customer_1122/delink")]
    [InlineData("GET /webhooks/delink")]
    [InlineData("OPTIONS /webhooks/shop/delink")]
    [InlineData("POST /health")]
    [InlineData("HEAD /health")]
    [InlineData("PUT /health/ready")]
    [InlineData("POST /openapi.json")]
    public async Task WrongMethod_IsAnEmpty404(string request)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await SendAsync(host.Client.BaseAddress!, request, ["Content-Length: 0"]);

        Assert.Equal((404, ""), (answer.Status, answer.Body));
        Assert.DoesNotContain("\nAllow:", answer.Headers, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("x-other: local-key")]
    [InlineData("x-functions-key: wrong")]
    [InlineData("x-functions-key: local-key\r\nx-functions-key: local-key")]
    public async Task WrongKey_IsAnEmpty401(string header)
    {
        await using var host = await TestHost.StartAsync();

        var answer = await SendAsync(
            host.Client.BaseAddress!, "POST /wallets/wlm_vNb87tTUvbb86bD", [header, "x-routing-id: customer_1122", "Content-Length: 14"], "command=delink");

        Assert.Equal((401, ""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task RepeatedHeader_IsJoinedByCommas()
    {
        await using var host = await TestHost.StartAsync();

        var answer = await SendAsync(
            host.Client.BaseAddress!, "POST /wallets/wlm_vNb87tTUvbb86bD",
            [
                "x-functions-key: local-key", "x-routing-id: customer_1122", "Content-Type: application/x-www-form-urlencoded",
                "Content-Encoding: identity", "Content-Encoding: identity", "Content-Length: 14",
            ],
            "command=delink");

        // "identity,identity" is not a coding, although each of the two is.
        Assert.Equal(415, answer.Status);
    }

    [Fact]
    public async Task RepeatedWebhookId_IsOneIdWithACommaInIt()
    {
        const string Body = """{"type":"order.created"}""";
        await using var host = await TestHost.StartAsync();
        var timestamp = host.Time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Assert.True(WebhookSecrets.TryParse(WalletFunctions.LocalHost.Simulators.Simulation.WebhookSecret, SecretEncoding.Whsec, out var secrets, out _));

        var answer = await SendAsync(
            host.Client.BaseAddress!, "POST /webhooks/delink",
            [
                "webhook-id: msg_1", "webhook-id: msg_2", $"webhook-timestamp: {timestamp}",
                $"webhook-signature: {WebhookSignature.Sign(WebhookSender.Own.Scheme, "msg_1,msg_2", timestamp, Encoding.UTF8.GetBytes(Body), secrets)}",
                "Content-Type: application/json", $"Content-Length: {Body.Length}",
            ],
            Body);

        Assert.Equal((200, """{"ignored":true}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("wlm_1", "wlm_1")]
    [InlineData("a%20b", "a b")]
    [InlineData("%C3%A9", "é")]
    [InlineData("a%2Fb", "a%2Fb")]
    [InlineData("a%2fb", "a%2fb")]
    [InlineData("..%2Forders", "..%2Forders")]
    [InlineData("%2e%2e%2Forders", "..%2Forders")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a%2520b", "a%20b")]
    public async Task RouteValue_IsDecodedOnceButForItsSlashes(string sent, string arrives)
    {
        var builder = WebApplication.CreateSlimBuilder([LocalHostApp.NoReload, "--urls", "http://127.0.0.1:0"]);
        await using var app = builder.Build();
        string? arrived = null;
        app.MapFunction("GET", "/probe/{value}/end", keys: null, (context, _) =>
        {
            arrived = context.RouteValue("value");
            return Task.FromResult(HealthEndpoint.Alive());
        });
        await app.StartAsync();

        var answer = await SendAsync(new Uri(app.Urls.Single()), $"GET /probe/{sent}/end", []);

        Assert.Equal((200, arrives), (answer.Status, arrived));
    }

    private static async Task<(int Status, string Headers, string Body)> SendAsync(Uri host, string request, IEnumerable<string> headers, string body = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Host, host.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            string.Join("\r\n", [$"{request} HTTP/1.1", $"Host: {host.Authority}", "Connection: close", .. headers, "", body])));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);
        return (int.Parse(answer[0].Split(' ')[1], CultureInfo.InvariantCulture), answer[0], answer[1]);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using WalletFunctions.Http;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.OpenApi;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// A host of the product, reached over real HTTP, with simulated Juspay and Key Vault. On disposal, everything that it logged and answered is searched for
/// secrets.
/// </summary>
internal abstract class HostUnderTest(Simulation simulation, Uri baseAddress, Transcript transcript) : IAsyncDisposable
{
    public const string Paytm = "wlm_vNb87tTUvbb86bD";
    public const string Mobikwik = "wlt_q23xzki3pazgtezo";
    public const string Customer = SimulatedJuspay.Customer;
    public const string Key = "local-key";

    /// <summary>The host's log and answers.</summary>
    public Transcript Transcript { get; } = transcript;

    public HttpClient Client { get; } = new() { BaseAddress = baseAddress };

    public Simulation Simulation { get; } = simulation;

    public SimulatedJuspay Juspay => Simulation.Juspay!;

    public SimulatedKeyVault KeyVault => Simulation.KeyVault!;

    /// <summary>The current time of the host's clock.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>The number of delinks that Juspay received.</summary>
    public int Delinks => Juspay.Requests.Count(request => request.Method == "POST");

    /// <summary>The number of wallet reads that Juspay received.</summary>
    public int WalletReads => Juspay.Requests.Count(request => request.Method == "GET" && request.Path.StartsWith("/wallets/", StringComparison.Ordinal));

    /// <summary>Waits for another thread or the network, which the test's clock cannot advance.</summary>
    public static async Task WaitUntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), $"did not become true: {what}");
            await Task.Delay(1);
        }
    }

    public bool IsLinked(string walletId) => Juspay.IsLinked(walletId);

    public void Fault(Fault fault) => Simulation.Faults.Add(fault);

    /// <summary>Lets Juspay throttle one request and ask for a wait in seconds.</summary>
    public void Throttle(string method, string retryAfter) =>
        Fault(new Fault { Method = method, Status = 429, Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = retryAfter } });

    public string RotateKey(string? merchant = null) => Simulation.RotateKey(merchant);

    public Task<Answer> DelinkAsync(string walletId = Paytm, string? body = "command=delink", string? contentType = "application/x-www-form-urlencoded", string? routingId = Customer)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{walletId}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        if (routingId is not null)
        {
            request.Headers.TryAddWithoutValidation("x-routing-id", routingId);
        }

        return SendAsync(request);
    }

    public Task<Answer> DelinkCustomerAsync(string customerId = Customer, string? routingId = null, string key = Key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/customers/{customerId}/delink") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        if (routingId is not null)
        {
            request.Headers.Add("x-routing-id", routingId);
        }

        return SendAsync(request, key);
    }

    /// <summary>Sends an event as a merchant's system does. By default it is signed now, with the secret of the merchant in the path.</summary>
    public Task<Answer> SendEventAsync(string body, string? id = null, string? signature = null, string? secret = null, string path = "/webhooks/delink") =>
        SendAsync(NewEvent(body, id, signature, secret, path), key: null);

    /// <inheritdoc cref="SendEventAsync" />
    public HttpRequestMessage NewEvent(string body, string? id = null, string? signature = null, string? secret = null, string path = "/webhooks/delink")
    {
        secret ??= Simulation.WebhookSecretOf(path.Split('/') is ["", "webhooks", var merchant, "delink"] ? merchant : null);
        id ??= "msg_" + Guid.NewGuid().ToString("N");
        var timestamp = Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Assert.True(WebhookSecrets.TryParse(secret, SecretEncoding.Whsec, out var secrets, out var problem), problem);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", signature ?? WebhookSignature.Sign(WebhookSender.Own.Scheme, id, timestamp, Encoding.UTF8.GetBytes(body), secrets));
        return request;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<Answer> SendAsync(HttpRequestMessage request, string? key = Key)
    {
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("x-functions-key", key);
        }

        using (request)
        {
            using var response = await Client.SendAsync(request);
            var answer = await Answer.ReadAsync(response);
            Transcript.AddAnswer(answer.Headers + answer.Body);
            return answer;
        }
    }

    /// <summary>Searches all output of the host for keys, tokens and whole ids.</summary>
    public void AssertLeaksNothing() => Transcript.AssertHoldsNone(
        [
            .. Simulation.AllApiKeys, Simulation.WebhookSecret, .. Simulation.Merchants.Select(Simulation.WebhookSecretOf), Simulation.AuditHashKey,
            .. Simulation.Juspay?.MintedTokens ?? [], .. KeyVault.IssuedTokens,
        ],
        [Paytm, Mobikwik, Customer]);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A body whose connection is lost before its end.</summary>
internal sealed class BrokenStream : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the caller is gone");
}

/// <summary>An answer as the caller receives it.</summary>
internal sealed record Answer(int Status, string Body, string? ContentType, string? RetryAfter, string Headers)
{
    /// <summary>The <c>code</c> of a problem.</summary>
    public string? Code => Member("code")?.GetString();

    /// <summary>Whether a problem is retryable.</summary>
    public bool IsRetryable => Status is not 200 && Member("retryable")?.GetBoolean() is true;

    /// <summary>Reads an answer, which must be one that the OpenAPI document describes.</summary>
    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var answer = new Answer(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Content.Headers.ContentType?.MediaType,
            response.Headers.TryGetValues("Retry-After", out var values) ? string.Join(',', values) : null,
            $"{response.Headers}{response.Content.Headers}");
        OpenApiDocument.AssertDescribes(response.RequestMessage!, answer);
        return answer;
    }

    /// <summary>Converts an answer that a test received directly from an endpoint, because no HTTP client can send the request or wait for the answer.</summary>
    public static Answer Of(HttpAnswer answer) => new(
        answer.Status,
        Encoding.UTF8.GetString(answer.Body.Span),
        answer.ContentType,
        answer.Headers.FirstOrDefault(header => header.Key is "Retry-After").Value,
        string.Join('\n', answer.Headers.Select(header => $"{header.Key}: {header.Value}")));

    public JsonElement Json() => JsonDocument.Parse(Body).RootElement;

    public JsonElement? Member(string name) => Json().TryGetProperty(name, out var member) ? member : null;
}

using System.Net;
using System.Net.Http.Headers;

namespace WalletFunctions.Juspay;

/// <summary>One wallet, as a request to Juspay names it.</summary>
/// <param name="WalletId">The path's wallet.</param>
/// <param name="RoutingId">Sent as <c>x-routing-id</c>.</param>
/// <param name="RequestId">Ours, made once per caller's request and the same in every attempt; sent as <c>x-request-id</c>.</param>
public sealed record WalletRequest(WalletId WalletId, RoutingId RoutingId, string RequestId);

/// <summary>
/// Juspay's Express Checkout wallets API. Whatever Juspay, a proxy or the network does becomes a <see cref="JuspayAnswer"/>; the only exception
/// that leaves is <see cref="OperationCanceledException"/>, and only when the caller cancelled.
/// Source: https://juspay.io/in/docs/api-reference/docs/express-checkout/delink-wallet and its neighbours.
/// </summary>
public sealed class JuspayClient : IDisposable
{
    /// <summary>The longest answer read, in bytes after decompression; a wallet has about 500.</summary>
    public const int MaxResponseBytes = 256 * 1024;

    // Authenticate, link and refresh use the same method and path: only this constant makes it a delink.
    private static readonly byte[] DelinkCommand = "command=delink"u8.ToArray();

    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded");

    private static readonly ProductInfoHeaderValue UserAgent = new("WalletFunctions", ProductVersion.Text);

    private readonly JuspayOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <param name="options">Where Juspay is and how long one attempt may take.</param>
    /// <param name="handler">The transport, which the client disposes; <see cref="CreateHandler"/> makes the one for production.</param>
    /// <param name="time">The clock for time-outs and for the date form of <c>Retry-After</c>.</param>
    public JuspayClient(JuspayOptions options, HttpMessageHandler handler, TimeProvider time)
    {
        _options = options;
        _time = time;
        // The attempt's own time-out includes the body, which HttpClient.Timeout would not.
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The transport for production: pooled for a bounded time, so that a DNS change is seen; no cookies, no redirects, bounded headers.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        AllowAutoRedirect = false,
        UseCookies = false,
        MaxResponseHeadersLength = 32,
        // Trace headers are the caller's business and ours; Juspay gets x-request-id.
        ActivityHeadersPropagator = null,
    };

    /// <summary>Delinks the wallet: <c>POST {base}/wallets/{wallet_id}</c> with <c>command=delink</c>. Safe to repeat.</summary>
    public Task<JuspayAnswer> DelinkAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(DelinkCommand);
        content.Headers.ContentType = Form;
        return SendAsync(HttpMethod.Post, content, request, apiKey, cancellationToken);
    }

    /// <summary>
    /// Reads the wallet: <c>GET {base}/wallets/{wallet_id}</c>. Not free of effects: for a linked wallet, Juspay mints a one-time debit token, which is dropped unread.
    /// </summary>
    public Task<JuspayAnswer> GetAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, content: null, request, apiKey, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<JuspayAnswer> SendAsync(
        HttpMethod method, HttpContent? content, WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(method, new Uri($"{_options.BaseUrl}/wallets/{request.WalletId.Value}")) { Content = content };
        message.Headers.Authorization = apiKey.Authorization;
        message.Headers.UserAgent.Add(UserAgent);
        message.Headers.Add("x-routing-id", request.RoutingId.Value);
        message.Headers.Add("x-request-id", request.RequestId);
        if (_options.MerchantId is { } merchantId)
        {
            message.Headers.Add("x-merchantid", merchantId);
        }

        using var timeout = new CancellationTokenSource(_options.AttemptTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadBoundedAsync(response.Content, either.Token);
            return Judge(response, body, request, apiKey);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new JuspayAnswer(JuspayVerdict.TimedOut);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            return new JuspayAnswer(JuspayVerdict.NotSent);
        }
        // InvalidDataException: the body is not of the encoding that its header names.
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return new JuspayAnswer(JuspayVerdict.Lost);
        }
    }

    private JuspayAnswer Judge(HttpResponseMessage response, ReadOnlyMemory<byte>? body, WalletRequest request, JuspayApiKey apiKey)
    {
        var httpStatus = (int)response.StatusCode;
        string? problem = null;
        if (response.IsSuccessStatusCode)
        {
            if (body is not { } bytes)
            {
                problem = $"it is longer than {MaxResponseBytes / 1024} KiB";
            }
            else if (WalletAccount.TryRead(bytes, out var wallet, out problem))
            {
                if (string.Equals(wallet.Id, request.WalletId.Value, StringComparison.Ordinal))
                {
                    return new JuspayAnswer(JuspayVerdict.Wallet) { Wallet = wallet, RequestId = JuspayReport.RequestIdOf(response.Headers) };
                }

                problem = "it is about another wallet";
            }
        }

        var report = JuspayReport.Read(httpStatus, body ?? default, response.Headers, apiKey);
        var verdict = Classify(httpStatus, report);
        return new JuspayAnswer(verdict)
        {
            Report = report,
            RequestId = report.RequestId,
            RetryAfter = RetryAfterOf(response.Headers.RetryAfter),
            Problem = problem ?? (verdict is not JuspayVerdict.Unexpected ? null
                : httpStatus is 404 ? "it is a 404 without Juspay's error envelope, so the base URL is probably wrong"
                : $"its status is {httpStatus}"),
        };
    }

    private static JuspayVerdict Classify(int httpStatus, JuspayReport report) => (httpStatus, report.Vocabulary) switch
    {
        (401, _) => JuspayVerdict.KeyRefused,
        (403, _) => JuspayVerdict.Forbidden,
        (408 or 425, _) => JuspayVerdict.NotTakenUp,
        (429, _) => JuspayVerdict.Throttled,
        (500 or 502 or 503 or 504, _) => JuspayVerdict.Failed,
        _ when httpStatus >= 500 => JuspayVerdict.FailedForGood,
        _ when httpStatus < 400 => JuspayVerdict.Unexpected,
        (_, "INVALID_ACTION" or "ALREADY_EXISTS") => JuspayVerdict.WrongState,
        (_, "DUPLICATE_REQUEST") or (409, _) => JuspayVerdict.Busy,
        (_, "UNAUTHORIZED" or "UNAUTHENTICATED") => JuspayVerdict.KeyRefused,
        (_, "RESOURCE_NOT_FOUND") => JuspayVerdict.NotFound,
        (404, _) => report.HasEnvelope ? JuspayVerdict.NotFound : JuspayVerdict.Unexpected,
        _ => JuspayVerdict.Rejected,
    };

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - _time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBoundedAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var body = await BoundedBody.ReadAsync(stream, MaxResponseBytes, cancellationToken);
        return body is { } bytes && bytes.Span.StartsWith(Utf8ByteOrderMark) ? bytes[Utf8ByteOrderMark.Length..] : body;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace WalletFunctions.Juspay;

/// <summary>One wallet, as a request to Juspay names it.</summary>
/// <param name="WalletId">The path's wallet.</param>
/// <param name="RoutingId">Sent as <c>x-routing-id</c>.</param>
/// <param name="RequestId">Ours, made once per caller's request and the same in every attempt; sent as <c>x-request-id</c>.</param>
public sealed record WalletRequest(WalletId WalletId, RoutingId RoutingId, string RequestId);

/// <summary>One customer, as a request to Juspay names it.</summary>
/// <param name="CustomerId">The path's customer.</param>
/// <param name="RoutingId">Sent as <c>x-routing-id</c>.</param>
/// <param name="RequestId">Ours, as in <see cref="WalletRequest"/>.</param>
public sealed record CustomerRequest(CustomerId CustomerId, RoutingId RoutingId, string RequestId);

/// <summary>
/// Juspay's Express Checkout wallets API. Whatever Juspay, a proxy or the network does becomes a <see cref="JuspayAnswer"/>; the only exception
/// that leaves is <see cref="OperationCanceledException"/>, and only when the caller cancelled.
/// Source: https://juspay.io/in/docs/api-reference/docs/express-checkout/delink-wallet and its neighbours.
/// </summary>
public sealed class JuspayClient
{
    /// <summary>The longest answer read, in bytes after decompression; a wallet has about 500.</summary>
    public const int MaxResponseBytes = 256 * 1024;

    // Authenticate, link and refresh use the same method and path: only this constant makes it a delink.
    private static readonly byte[] DelinkCommand = "command=delink"u8.ToArray();

    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded");

    private static readonly string UserAgent = "WalletFunctions/" + ProductVersion.Text;

    private readonly JuspayOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="options">Where Juspay is and how long one attempt may take.</param>
    /// <param name="http">
    /// A client without a time-out of its own, which would not include the body; <see cref="CreateHandler"/> makes its handler for
    /// production.
    /// </param>
    /// <param name="time">The clock for time-outs and for the date form of <c>Retry-After</c>.</param>
    public JuspayClient(JuspayOptions options, HttpClient http, TimeProvider time)
    {
        _options = options;
        _http = http;
        _time = time;
    }

    /// <summary>
    /// The transport for production: pooled for a bounded time, so that a DNS change is seen; no cookies, no redirects, bounded headers. Connecting
    /// has a limit of its own, since an attempt to connect outlives the request that began it, and the next request would wait for the same one.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(2.5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        AllowAutoRedirect = false,
        UseCookies = false,
        MaxResponseHeadersLength = 32,
        // Trace headers are the caller's business and ours; Juspay gets x-request-id.
        ActivityHeadersPropagator = null,
    };

    /// <summary>Opens a connection for the first request to find, and sends nothing over it. Whatever goes wrong is left for that request to meet.</summary>
    public static Task ConnectAsync(HttpClient http, string baseUrl)
    {
        // A connection outlives the request that asked for it, so this one is called off, at once, before there is anything to send it over. Should
        // the connection be quicker than that, nothing is sent all the same: the head of a request leaves with its body, and this body never comes.
        var calledOff = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Head, new Uri(baseUrl)) { Content = new BodyThatNeverComes() };
        var sending = http.SendAsync(request, calledOff.Token);
        calledOff.Cancel();
        return SeeItEndAsync();

        async Task SeeItEndAsync()
        {
            try
            {
                using var response = await sending;
            }
            catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
            {
                // As it should be.
            }
            finally
            {
                request.Dispose();
                calledOff.Dispose();
            }
        }
    }

    /// <summary>Delinks the wallet: <c>POST {base}/wallets/{wallet_id}</c> with <c>command=delink</c>. Safe to repeat.</summary>
    public Task<JuspayAnswer> DelinkAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(DelinkCommand);
        content.Headers.ContentType = Form;
        return SendAsync(
            new(Telemetry.DelinkWallet, HttpMethod.Post, WalletPath(request), content, request.RoutingId, request.RequestId, apiKey, WalletOf(request, apiKey)),
            cancellationToken);
    }

    /// <summary>
    /// Reads the wallet: <c>GET {base}/wallets/{wallet_id}</c>. Not free of effects: for a linked wallet, Juspay mints a one-time debit
    /// token, which is dropped unread.
    /// </summary>
    public Task<JuspayAnswer> GetAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken) =>
        SendAsync(
            new(Telemetry.GetWallet, HttpMethod.Get, WalletPath(request), Content: null, request.RoutingId, request.RequestId, apiKey, WalletOf(request, apiKey)),
            cancellationToken);

    /// <summary>
    /// Lists one page of the customer's wallets, linked and unlinked alike: <c>GET {base}/customers/{customer_id}/wallets</c>. Its debit
    /// tokens are dropped unread.
    /// </summary>
    /// <param name="request">The customer.</param>
    /// <param name="offset">How many wallets earlier pages had.</param>
    /// <param name="apiKey">The key to sign with.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<JuspayAnswer> ListAsync(CustomerRequest request, int offset, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/customers/{request.CustomerId.Value}/wallets{(offset is 0 ? "" : $"?offset={offset}")}");
        return SendAsync(
            new(Telemetry.ListWallets, HttpMethod.Get, path, Content: null, request.RoutingId, request.RequestId, apiKey, PageOf(apiKey)), cancellationToken);
    }

    private static string WalletPath(WalletRequest request) => "/wallets/" + request.WalletId.Value;

    private static SuccessReader WalletOf(WalletRequest request, JuspayApiKey apiKey) => (ReadOnlyMemory<byte> body, out string? problem) =>
    {
        if (WalletAccount.TryRead(body, apiKey, out var wallet, out problem) && wallet.Id != request.WalletId.Value)
        {
            problem = "it is about another wallet";
        }

        return problem is null ? new JuspayAnswer(JuspayVerdict.Success) { Wallet = wallet } : null;
    };

    private static SuccessReader PageOf(JuspayApiKey apiKey) => (ReadOnlyMemory<byte> body, out string? problem) =>
        WalletPage.TryRead(body, apiKey, out var page, out problem) ? new JuspayAnswer(JuspayVerdict.Success) { Page = page } : null;

    private Task<JuspayAnswer> SendAsync(Exchange exchange, CancellationToken cancellationToken) => Telemetry.Source.HasListeners()
        ? TraceAsync(exchange, cancellationToken)
        : SendAsync(exchange, span: null, cancellationToken);

    private async Task<JuspayAnswer> TraceAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        using var span = StartSpan(exchange.Kind, exchange.Method);
        var answer = await SendAsync(exchange, span, cancellationToken);
        if (answer.Verdict is not JuspayVerdict.Success)
        {
            span?.Fail(answer.Report is { HttpStatus: >= 400 } report ? report.HttpStatus.ToString(CultureInfo.InvariantCulture) : answer.Verdict.ToString());
        }

        return answer;
    }

    /// <summary>The span of one request, whose URL shows no id. The handler makes none of its own, since it has no propagator.</summary>
    private Activity? StartSpan(Telemetry.Span kind, HttpMethod method)
    {
        var span = kind.Start();
        if (span is { IsAllDataRequested: true })
        {
            var baseUrl = new Uri(_options.BaseUrl);
            span.SetTag(Telemetry.Method, method.Method);
            span.SetTag(Telemetry.ServerAddress, baseUrl.IdnHost);
            span.SetTag(Telemetry.ServerPort, baseUrl.Port);
            span.SetTag(Telemetry.UrlFull, _options.BaseUrl + kind.RedactedPath);
            span.SetTag(Telemetry.UrlTemplate, kind.Template);
        }

        return span;
    }

    private async Task<JuspayAnswer> SendAsync(Exchange exchange, Activity? span, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(exchange.Method, new Uri(_options.BaseUrl + exchange.Path)) { Content = exchange.Content };
        message.Headers.Authorization = exchange.ApiKey.Authorization;
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        message.Headers.Add("x-routing-id", exchange.RoutingId.Value);
        message.Headers.Add("x-request-id", exchange.RequestId);
        if (_options.MerchantId is { } merchantId)
        {
            message.Headers.Add("x-merchantid", merchantId);
        }

        using var limit = new TimeLimit(_options.AttemptTimeout, _time, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            span?.SetTag(Telemetry.StatusCode, (int)response.StatusCode);
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            var body = await BoundedBody.ReadAsync(stream, response.Content.Headers.ContentLength, MaxResponseBytes, limit.Token);
            return Judge(response, WithoutByteOrderMark(body), exchange.ApiKey, exchange.Read);
        }
        catch (OperationCanceledException) when (!limit.IsCancellationRequested)
        {
            // Only the handler's ConnectTimeout cancels without being told to.
            return new JuspayAnswer(JuspayVerdict.NotSent);
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

    private JuspayAnswer Judge(HttpResponseMessage response, byte[]? body, JuspayApiKey apiKey, SuccessReader read)
    {
        var httpStatus = (int)response.StatusCode;
        string? problem = null;
        if (response.IsSuccessStatusCode)
        {
            if (body is not { } bytes)
            {
                problem = $"it is longer than {MaxResponseBytes / 1024} KiB";
            }
            else if (read(bytes, out problem) is { } success)
            {
                return success with { RequestId = JuspayReport.RequestIdOf(response.Headers, apiKey) };
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

    private static byte[]? WithoutByteOrderMark(byte[]? body) =>
        body.AsSpan().StartsWith(Utf8ByteOrderMark) ? body![Utf8ByteOrderMark.Length..] : body;

    private sealed class BodyThatNeverComes : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            new TaskCompletionSource().Task.WaitAsync(cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>One request, and how its answer is read.</summary>
    private readonly record struct Exchange(
        Telemetry.Span Kind,
        HttpMethod Method,
        string Path,
        HttpContent? Content,
        RoutingId RoutingId,
        string RequestId,
        JuspayApiKey ApiKey,
        SuccessReader Read);

    /// <summary>Makes the answer of a 2xx body, or says why it is not what was asked for.</summary>
    private delegate JuspayAnswer? SuccessReader(ReadOnlyMemory<byte> body, out string? problem);
}

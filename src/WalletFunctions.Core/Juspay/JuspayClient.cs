using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>A request about one wallet.</summary>
/// <param name="WalletId">The wallet in the path.</param>
/// <param name="RoutingId">Sent as <c>x-routing-id</c>.</param>
/// <param name="RequestId">Sent as <c>x-request-id</c>: created once per caller's request, and the same in each attempt.</param>
internal sealed record WalletRequest(WalletId WalletId, RoutingId RoutingId, string RequestId);

/// <summary>A request about one customer.</summary>
/// <param name="CustomerId">The customer in the path.</param>
/// <param name="RoutingId">Sent as <c>x-routing-id</c>.</param>
/// <param name="RequestId">Sent as <c>x-request-id</c>, as in <see cref="WalletRequest"/>.</param>
internal sealed record CustomerRequest(CustomerId CustomerId, RoutingId RoutingId, string RequestId);

/// <summary>
/// Juspay's Express Checkout wallets API. Every answer and every failure of Juspay, a proxy or the network becomes a <see cref="JuspayAnswer"/>. The
/// only exception is <see cref="OperationCanceledException"/>, and only after the caller cancelled.
/// Source: https://juspay.io/in/docs/api-reference/docs/express-checkout/delink-wallet and its neighbours.
/// </summary>
/// <param name="options">Juspay's address and the limit of one attempt.</param>
/// <param name="http">A client without a time-out of its own, because that would not include the body. <see cref="CreateHandler"/> makes its handler.</param>
/// <param name="time">The clock for time-outs and for the date form of <c>Retry-After</c>.</param>
internal sealed class JuspayClient(JuspayOptions options, HttpClient http, TimeProvider time)
{
    /// <summary>The longest answer accepted, in bytes after decompression. A wallet has about 500.</summary>
    public const int MaxResponseBytes = 256 * 1024;

    // Authenticate, link and refresh use the same method and path. Only this constant makes the request a delink.
    private static readonly byte[] DelinkCommand = "command=delink"u8.ToArray();

    private static readonly MediaTypeHeaderValue Form = new("application/x-www-form-urlencoded");

    private static readonly string UserAgent = "WalletFunctions/" + ProductVersion.Text;

    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Creates the handler for production: bounded header length, no cookies, no redirects, and connections of limited age, so that a DNS change takes
    /// effect. Connecting has its own limit, because an attempt to connect outlives the request that started it, and later requests wait for it.
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
        // No trace headers: Juspay gets x-request-id.
        ActivityHeadersPropagator = null,
    };

    /// <summary>Delinks the wallet: <c>POST {base}/wallets/{wallet_id}</c> with <c>command=delink</c>. Repeating it is safe.</summary>
    public Task<JuspayAnswer> DelinkAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(DelinkCommand);
        content.Headers.ContentType = Form;
        return SendAsync(Call.About(request, JuspayOperation.DelinkWallet, content), apiKey, WalletOf(request, apiKey), cancellationToken);
    }

    /// <summary>
    /// Reads the wallet: <c>GET {base}/wallets/{wallet_id}</c>. For a linked wallet this has a side effect: Juspay creates a one-time debit token, which
    /// is discarded unread.
    /// </summary>
    public Task<JuspayAnswer> GetAsync(WalletRequest request, JuspayApiKey apiKey, CancellationToken cancellationToken) =>
        SendAsync(Call.About(request, JuspayOperation.GetWallet), apiKey, WalletOf(request, apiKey), cancellationToken);

    /// <summary>
    /// Lists one page of the customer's wallets, linked and unlinked: <c>GET {base}/customers/{customer_id}/wallets</c>. Debit tokens in it are discarded
    /// unread.
    /// </summary>
    /// <param name="request">The customer.</param>
    /// <param name="offset">How many wallets the earlier pages contained.</param>
    /// <param name="apiKey">The key that authenticates the request.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<JuspayAnswer> ListAsync(CustomerRequest request, int offset, JuspayApiKey apiKey, CancellationToken cancellationToken)
    {
        var query = offset is 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"?offset={offset}");
        var path = JuspayOperation.ListWallets.Path(request.CustomerId.Value) + query;
        return SendAsync(new Call(JuspayOperation.ListWallets, path, request.RoutingId, request.RequestId), apiKey, PageOf(apiKey), cancellationToken);
    }

    private static SuccessReader WalletOf(WalletRequest request, JuspayApiKey apiKey) => (ReadOnlyMemory<byte> body, out string? defect) =>
    {
        if (WalletAccount.TryRead(body, apiKey, out var wallet, out defect) && wallet.Id != request.WalletId.Value)
        {
            defect = "it is about another wallet";
        }

        return defect is null ? new JuspayAnswer(JuspayVerdict.Success) { Wallet = wallet } : null;
    };

    private static SuccessReader PageOf(JuspayApiKey apiKey) => (ReadOnlyMemory<byte> body, out string? defect) =>
        WalletPage.TryRead(body, apiKey, out var page, out defect) ? new JuspayAnswer(JuspayVerdict.Success) { Page = page } : null;

    private Task<JuspayAnswer> SendAsync(Call call, JuspayApiKey apiKey, SuccessReader read, CancellationToken cancellationToken) =>
        Telemetry.Source.HasListeners()
            ? TraceAsync(call, apiKey, read, cancellationToken)
            : SendAsync(call, apiKey, read, span: null, cancellationToken);

    private async Task<JuspayAnswer> TraceAsync(Call call, JuspayApiKey apiKey, SuccessReader read, CancellationToken cancellationToken)
    {
        using var span = StartSpan(call.Operation);
        JuspayAnswer? answer = null;
        try
        {
            return answer = await SendAsync(call, apiKey, read, span, cancellationToken);
        }
        finally
        {
            if (answer is not { Verdict: JuspayVerdict.Success })
            {
                span?.Fail(answer is null ? "Cancelled"
                    : answer.Report is { HttpStatus: >= 400 } report ? report.HttpStatus.ToString(CultureInfo.InvariantCulture)
                    : answer.Verdict.ToString());
            }
        }
    }

    /// <summary>Starts the span of one request, whose URL shows no id. The handler starts none, because it has no propagator.</summary>
    private Activity? StartSpan(JuspayOperation operation)
    {
        var span = operation.Span.Start();
        if (span is { IsAllDataRequested: true })
        {
            var baseUrl = new Uri(options.BaseUrl);
            span.SetTag(Telemetry.Method, operation.Method.Method);
            span.SetTag(Telemetry.ServerAddress, baseUrl.IdnHost);
            span.SetTag(Telemetry.ServerPort, baseUrl.Port);
            span.SetTag(Telemetry.UrlFull, options.BaseUrl + operation.Path("REDACTED"));
            span.SetTag(Telemetry.UrlTemplate, operation.Template);
        }

        return span;
    }

    private async Task<JuspayAnswer> SendAsync(Call call, JuspayApiKey apiKey, SuccessReader read, Activity? span, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(call.Operation.Method, new Uri(options.BaseUrl + call.Path)) { Content = call.Content };
        message.Headers.Authorization = apiKey.Authorization;
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        message.Headers.Add("x-routing-id", call.RoutingId.Value);
        message.Headers.Add("x-request-id", call.RequestId);
        if (options.MerchantId is { } merchantId)
        {
            message.Headers.Add("x-merchantid", merchantId);
        }

        using var limit = new TimeLimit(options.AttemptTimeout, time, cancellationToken);
        try
        {
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            span?.SetTag(Telemetry.StatusCode, (int)response.StatusCode);
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            var body = await BoundedBody.ReadAsync(stream, response.Content.Headers.ContentLength, MaxResponseBytes, limit.Token);
            return Judge(response, WithoutByteOrderMark(body), apiKey, read);
        }
        catch (OperationCanceledException) when (!limit.IsCancellationRequested)
        {
            // Neither the limit nor the caller cancelled, so it was the handler's ConnectTimeout.
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
        // InvalidDataException: the body does not have the encoding that its header names.
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return new JuspayAnswer(JuspayVerdict.Lost);
        }
    }

    private JuspayAnswer Judge(HttpResponseMessage response, ReadOnlyMemory<byte>? body, JuspayApiKey apiKey, SuccessReader read)
    {
        var httpStatus = (int)response.StatusCode;
        string? defect = null;
        if (response.IsSuccessStatusCode)
        {
            if (body is not { } bytes)
            {
                defect = $"it is longer than {MaxResponseBytes / 1024} KiB";
            }
            else if (read(bytes, out defect) is { } success)
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
            Defect = defect ?? (verdict is not JuspayVerdict.Unexpected ? null
                : httpStatus is 404 ? "it is a 404 without Juspay's error envelope, so the base URL is probably wrong"
                : $"its status is {httpStatus}"),
        };
    }

    private static JuspayVerdict Classify(int httpStatus, JuspayReport report) => (httpStatus, report.Vocabulary) switch
    {
        (401, _) => JuspayVerdict.KeyRefused,
        (403, _) => JuspayVerdict.Forbidden,
        (408 or 425, _) => JuspayVerdict.NotProcessed,
        (429, _) => JuspayVerdict.Throttled,
        (500 or 502 or 503 or 504, _) => JuspayVerdict.Failed,
        _ when httpStatus >= 500 => JuspayVerdict.FailedForGood,
        _ when httpStatus < 400 => JuspayVerdict.Unexpected,
        (_, "INVALID_ACTION" or "ALREADY_EXISTS") => JuspayVerdict.WrongState,
        (_, "DUPLICATE_REQUEST") or (409, _) => JuspayVerdict.Busy,
        (_, "UNAUTHORIZED" or "UNAUTHENTICATED") => JuspayVerdict.KeyRefused,
        (_, "RESOURCE_NOT_FOUND") => JuspayVerdict.NotFound,
        (404, _) => report.HasEnvelope ? JuspayVerdict.NotFound : JuspayVerdict.Unexpected,
        _ => report.IsServerError ? JuspayVerdict.Failed : JuspayVerdict.Rejected,
    };

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static ReadOnlyMemory<byte>? WithoutByteOrderMark(ReadOnlyMemory<byte>? body) =>
        body is { } bytes && bytes.Span.StartsWith(Utf8ByteOrderMark) ? bytes[Utf8ByteOrderMark.Length..] : body;

    private readonly record struct Call(JuspayOperation Operation, string Path, RoutingId RoutingId, string RequestId, HttpContent? Content = null)
    {
        public static Call About(WalletRequest request, JuspayOperation operation, HttpContent? content = null) =>
            new(operation, operation.Path(request.WalletId.Value), request.RoutingId, request.RequestId, content);
    }

    /// <summary>Converts the body of a 2xx, or says why it is not what was requested.</summary>
    private delegate JuspayAnswer? SuccessReader(ReadOnlyMemory<byte> body, out string? defect);
}

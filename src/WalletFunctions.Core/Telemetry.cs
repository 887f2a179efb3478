using System.Diagnostics;
using System.Diagnostics.Metrics;
using WalletFunctions.Juspay;

namespace WalletFunctions;

/// <summary>
/// All spans and metrics. Their names and tags are stable, and no tag holds an id, a key or other data from outside. Without a listener, none is created.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = "WalletFunctions";

    /// <summary>Tag: the merchant's name; <c>-</c> for the top level.</summary>
    public const string Merchant = "walletfunctions.merchant";

    /// <summary>Tag: the outcome, with the values of the audit records.</summary>
    public const string Outcome = "walletfunctions.outcome";

    /// <summary>Tag: the name of a secret in Key Vault.</summary>
    public const string Secret = "walletfunctions.secret";

    // From OpenTelemetry's semantic conventions for HTTP client spans, 1.23 and later:
    // https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
    public const string Method = "http.request.method";
    public const string StatusCode = "http.response.status_code";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string UrlFull = "url.full";
    public const string UrlTemplate = "url.template";

    /// <summary>One kind of span.</summary>
    /// <param name="Name">Its name, which contains no id.</param>
    /// <param name="Kind">The side of a call.</param>
    /// <param name="Description">The work that it measures.</param>
    /// <param name="Tags">The tags that it may have.</param>
    public sealed record Span(string Name, ActivityKind Kind, string Description, params IReadOnlyList<string> Tags)
    {
        /// <summary>Starts a span below the current one; null without a listener.</summary>
        public Activity? Start() => Source.StartActivity(Name, Kind);

        /// <summary>Starts a span in the caller's trace; null without a listener.</summary>
        public Activity? Start(ActivityContext parent) => Source.StartActivity(Name, Kind, parent);
    }

    public static readonly ActivitySource Source = new(Name, ProductVersion.Text);

    public static readonly Span Delink = new(
        "delink", ActivityKind.Internal, "a delink request or webhook, from its arrival to the answer; part of the caller's trace",
        Outcome, Merchant, StatusCode, ErrorType);

    public static readonly Span ReadSecret = new(
        "read secret", ActivityKind.Internal, "a read of a secret from Key Vault, token and retries included", Secret, Outcome, ErrorType);

    public static IReadOnlyList<Span> Spans =>
        [Delink, JuspayOperation.DelinkWallet.Span, JuspayOperation.GetWallet.Span, JuspayOperation.ListWallets.Span, ReadSecret];

    private static readonly Meter Meter = new(Name, ProductVersion.Text);

    public static readonly Counter<long> Delinks = Meter.CreateCounter<long>(
        "walletfunctions.delink.count", "{request}", $"delink requests and webhooks, by `{Outcome}` and `{Merchant}`");

    public static readonly Histogram<double> DelinkDuration = Meter.CreateHistogram(
        "walletfunctions.delink.duration", "s", $"from a request's arrival to its answer, by `{Outcome}` and `{Merchant}`",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 50] });

    public static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "walletfunctions.juspay.retries", "{retry}", $"requests sent to Juspay again after a transient failure, by `{Merchant}`");

    public static readonly Counter<long> Confirmations = Meter.CreateCounter<long>(
        "walletfunctions.juspay.confirmations", "{read}", $"wallets read to settle an ambiguous answer, by `{Merchant}`");

    public static readonly Counter<long> SecretReads = Meter.CreateCounter<long>(
        "walletfunctions.secret.reads", "{read}",
        $"reads of a secret from Key Vault, by `{Secret}` and `{Outcome}`: `changed`, `unchanged`, or the fault of `secret_unavailable`");

    /// <summary>Reads a trace context from outside, in the form of the W3C's <c>traceparent</c>; null if it is missing or cannot be read.</summary>
    public static ActivityContext? ParseTrace(string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var context) ? context : null;

    /// <summary>Begins a trace whose first span has no parent.</summary>
    public static ActivityContext NewTrace() => new(ActivityTraceId.CreateRandom(), spanId: default, ActivityTraceFlags.None);

    public static readonly IReadOnlyList<Instrument> Metrics = [Delinks, DelinkDuration, Retries, Confirmations, SecretReads];

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    /// <summary>Marks a span as failed.</summary>
    public static void Fail(this Activity span, string errorType)
    {
        span.SetTag(ErrorType, errorType);
        span.SetStatus(ActivityStatusCode.Error);
    }
}

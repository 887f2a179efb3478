using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace WalletFunctions;

/// <summary>
/// Every span and metric of ours. Names and tags are stable, and no tag is an id, a key or anything else that came from outside. Where nobody
/// listens, none is made.
/// </summary>
public static class Telemetry
{
    /// <summary>What to listen to: the name of the <see cref="ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = "WalletFunctions";

    /// <summary>Tag: the merchant's name; <c>-</c> for the top level.</summary>
    internal const string Merchant = "walletfunctions.merchant";

    /// <summary>Tag: the outcome, in the words of the audit records.</summary>
    internal const string Outcome = "walletfunctions.outcome";

    /// <summary>Tag: the name of a secret in Key Vault.</summary>
    internal const string Secret = "walletfunctions.secret";

    // From OpenTelemetry's semantic conventions for HTTP client spans, 1.23 and later:
    // https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
    internal const string Method = "http.request.method";
    internal const string StatusCode = "http.response.status_code";
    internal const string ErrorType = "error.type";
    internal const string ServerAddress = "server.address";
    internal const string ServerPort = "server.port";
    internal const string UrlFull = "url.full";
    internal const string UrlTemplate = "url.template";

    /// <summary>One kind of span.</summary>
    /// <param name="Name">Its name, of which there are few.</param>
    /// <param name="Kind">Which side of a call it is.</param>
    /// <param name="Description">What it stands for.</param>
    /// <param name="Tags">What it may carry.</param>
    public sealed record Span(string Name, ActivityKind Kind, string Description, params IReadOnlyList<string> Tags)
    {
        /// <summary>The path of a request, with a placeholder for the id.</summary>
        internal string Template { get; init; } = "";

        /// <summary>The same as the conventions want a path that may not be shown.</summary>
        internal string RedactedPath { get; init; } = "";

        /// <summary>Begins one below what is going on; null if nobody listens.</summary>
        internal Activity? Start() => Source.StartActivity(Name, Kind);

        /// <summary>Begins one in the caller's trace.</summary>
        internal Activity? Start(ActivityContext parent) => Source.StartActivity(Name, Kind, parent);
    }

    internal static readonly ActivitySource Source = new(Name, ProductVersion.Text);

    internal static readonly Span Delink = new(
        "delink", ActivityKind.Internal, "a delink request or webhook, from its arrival to the answer; part of the caller's trace",
        Outcome, Merchant, StatusCode, ErrorType);

    internal static readonly Span DelinkWallet = JuspaySpan("POST", "/wallets/{0}", "{wallet_id}", "one delink sent to Juspay");

    internal static readonly Span GetWallet = JuspaySpan("GET", "/wallets/{0}", "{wallet_id}", "the look at a wallet that settles an ambiguous answer");

    internal static readonly Span ListWallets = JuspaySpan("GET", "/customers/{0}/wallets", "{customer_id}", "one page of a customer's wallets");

    internal static readonly Span ReadSecret = new(
        "read secret", ActivityKind.Internal, "a read of a secret from Key Vault, token and retries included", Secret, Outcome, ErrorType);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Span> Spans = [Delink, DelinkWallet, GetWallet, ListWallets, ReadSecret];

    private static readonly Meter Meter = new(Name, ProductVersion.Text);

    internal static readonly Counter<long> Delinks = Meter.CreateCounter<long>(
        "walletfunctions.delink.count", "{request}", $"delink requests and webhooks, by `{Outcome}` and `{Merchant}`");

    internal static readonly Histogram<double> DelinkDuration = Meter.CreateHistogram(
        "walletfunctions.delink.duration", "s", $"from a request's arrival to its answer, by `{Outcome}` and `{Merchant}`",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 50] });

    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "walletfunctions.juspay.retries", "{retry}", $"requests sent to Juspay again after a failure that may pass, by `{Merchant}`");

    internal static readonly Counter<long> Confirmations = Meter.CreateCounter<long>(
        "walletfunctions.juspay.confirmations", "{look}", $"wallets read to settle an ambiguous answer, by `{Merchant}`");

    internal static readonly Counter<long> SecretReads = Meter.CreateCounter<long>(
        "walletfunctions.secret.reads", "{read}",
        $"reads of a secret from Key Vault, by `{Secret}` and `{Outcome}`: `changed`, `unchanged`, or the fault of `secret_unavailable`");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Instrument> Metrics = [Delinks, DelinkDuration, Retries, Confirmations, SecretReads];

    internal static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    /// <summary>Marks a span as failed.</summary>
    internal static void Fail(this Activity span, string errorType)
    {
        span.SetTag(ErrorType, errorType);
        span.SetStatus(ActivityStatusCode.Error);
    }

    private static Span JuspaySpan(string method, string path, string placeholder, string description)
    {
        var template = path.Replace("{0}", placeholder, StringComparison.Ordinal);
        return new($"{method} {template}", ActivityKind.Client, description, Method, ServerAddress, ServerPort, UrlFull, UrlTemplate, StatusCode, ErrorType)
        {
            Template = template,
            RedactedPath = path.Replace("{0}", "REDACTED", StringComparison.Ordinal),
        };
    }
}

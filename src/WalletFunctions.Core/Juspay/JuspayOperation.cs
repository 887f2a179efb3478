using System.Diagnostics;

namespace WalletFunctions.Juspay;

/// <summary>One operation of Juspay's API: its method, its path, and the span of a request.</summary>
internal sealed class JuspayOperation
{
    public static readonly JuspayOperation DelinkWallet = new(HttpMethod.Post, "/wallets/{wallet_id}", "one delink sent to Juspay");

    public static readonly JuspayOperation GetWallet = new(HttpMethod.Get, "/wallets/{wallet_id}", "the read of a wallet that settles an ambiguous answer");

    public static readonly JuspayOperation ListWallets = new(HttpMethod.Get, "/customers/{customer_id}/wallets", "one page of a customer's wallets");

    private readonly string _beforeId;
    private readonly string _afterId;

    private JuspayOperation(HttpMethod method, string template, string description)
    {
        Method = method;
        Template = template;
        _beforeId = template[..template.IndexOf('{', StringComparison.Ordinal)];
        _afterId = template[(template.IndexOf('}', StringComparison.Ordinal) + 1)..];
        Span = new Telemetry.Span(
            $"{method.Method} {template}", ActivityKind.Client, description,
            Telemetry.Method, Telemetry.ServerAddress, Telemetry.ServerPort, Telemetry.UrlFull, Telemetry.UrlTemplate, Telemetry.StatusCode, Telemetry.ErrorType);
    }

    public HttpMethod Method { get; }

    /// <summary>The path with a placeholder for the id.</summary>
    public string Template { get; }

    public Telemetry.Span Span { get; }

    /// <summary>The path with an id, which must be safe in a path.</summary>
    public string Path(string id) => _beforeId + id + _afterId;
}

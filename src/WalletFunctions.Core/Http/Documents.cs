using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>RFC 9457, with our members.</summary>
internal sealed record ProblemDocument(
    string Type, string Title, int Status, string Detail, string Code, bool Retryable, string TraceId, JuspayReport? Juspay)
{
    [JsonPropertyName("customer_id")]
    public string? CustomerId { get; init; }

    public IReadOnlyList<WalletDocument>? Wallets { get; init; }

    public int? Delinked { get; init; }

    [JsonPropertyName("already_unlinked")]
    public int? AlreadyUnlinked { get; init; }

    public int? Failed { get; init; }
}

/// <summary>A customer's wallets after a delink, each with what became of it.</summary>
internal sealed record CustomerDocument(
    [property: JsonPropertyName("customer_id")] string CustomerId,
    IReadOnlyList<WalletDocument> Wallets,
    int Delinked,
    [property: JsonPropertyName("already_unlinked")] int AlreadyUnlinked,
    int Failed)
{
    public static CustomerDocument Of(CustomerId customerId, CustomerOutcome.Settled settled) =>
        new(customerId.Value, [.. settled.Wallets.Select(WalletDocument.Of)], settled.Delinked, settled.AlreadyUnlinked, settled.Failed);
}

/// <summary>One of a customer's wallets: <c>delinked</c>, <c>already_unlinked</c>, or <c>failed</c> with the problem's code.</summary>
internal sealed record WalletDocument(string Id, string? Wallet, string Outcome, string? Code)
{
    public static WalletDocument Of(WalletResult result)
    {
        var (outcome, code) = result.Outcome is null
            ? ("already_unlinked", null)
            : result.Outcome.Match(
                delinked: (string, string?) (_) => ("delinked", null),
                failed: why => ("failed", ProblemType.Of(why.Reason).Code));
        return new WalletDocument(result.Wallet.Id.Value, result.Wallet.Provider, outcome, code);
    }
}

/// <summary>What a webhook's sender gets beside the status, which is all that it goes by.</summary>
internal sealed record WebhookDocument
{
    public bool? Ignored { get; init; }

    public string? Outcome { get; init; }

    public int? Delinked { get; init; }

    [JsonPropertyName("already_unlinked")]
    public int? AlreadyUnlinked { get; init; }
}

internal sealed record HealthDocument(string Status, string Version, string? ApiKeyVersion);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(WebhookDocument))]
[JsonSerializable(typeof(HealthDocument))]
internal sealed partial class HttpJson : JsonSerializerContext
{
    /// <summary>Escapes only what JSON demands: our answers are JSON to whoever reads them, never part of a page.</summary>
    public static HttpJson Plain => field ??=
        new HttpJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

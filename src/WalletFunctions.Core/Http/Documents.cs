using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>The document of RFC 9457 with this service's members. The wallets are present if only some of them were delinked.</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail, string Code, bool Retryable, string TraceId)
{
    public JuspayReport? Juspay { get; init; }

    [JsonPropertyName("customer_id")]
    public string? CustomerId { get; init; }

    public IReadOnlyList<WalletDocument>? Wallets { get; init; }

    public int? Delinked { get; init; }

    [JsonPropertyName("already_unlinked")]
    public int? AlreadyUnlinked { get; init; }

    public int? Failed { get; init; }
}

/// <summary>A customer's wallets after a delink.</summary>
internal sealed record CustomerDocument(
    [property: JsonPropertyName("customer_id")] string CustomerId,
    IReadOnlyList<WalletDocument> Wallets,
    int Delinked,
    [property: JsonPropertyName("already_unlinked")] int AlreadyUnlinked,
    int Failed)
{
    public static CustomerDocument Of(CustomerId customerId, CustomerWallets wallets) =>
        new(customerId.Value, [.. wallets.Wallets.Select(WalletDocument.Of)], wallets.Delinked, wallets.AlreadyUnlinked, wallets.Failed);
}

/// <summary>One of a customer's wallets: <c>delinked</c>, <c>already_unlinked</c>, or <c>failed</c> with the problem's code.</summary>
internal sealed record WalletDocument(string Id, string? Wallet, string Outcome, string? Code)
{
    public static WalletDocument Of(WalletResult result)
    {
        var outcome = result.Outcome is null ? "already_unlinked" : result.Outcome.Match(done: _ => "delinked", failed: _ => "failed");
        return new WalletDocument(result.Wallet.Id.Value, result.Wallet.Provider, outcome, result.Outcome?.Problem?.Type.Code);
    }
}

/// <summary>The body for a webhook's sender, which decides by the status alone.</summary>
internal sealed record WebhookDocument
{
    public bool? Ignored { get; init; }

    public string? Outcome { get; init; }

    /// <summary>The number of events in the body, if there were several.</summary>
    public int? Events { get; init; }

    public int? Delinked { get; init; }

    [JsonPropertyName("already_unlinked")]
    public int? AlreadyUnlinked { get; init; }

    /// <summary>The code of Event Grid's validation event.</summary>
    public string? ValidationResponse { get; init; }
}

internal sealed record HealthDocument(string Status, string Version, string? ApiKeyVersion);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(WebhookDocument))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(OktaVerification))]
internal sealed partial class HttpJson : JsonSerializerContext
{
    /// <summary>Escapes only what JSON requires, because answers are read as JSON and never embedded in a page.</summary>
    public static HttpJson Plain => field ??=
        new HttpJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

using System.Text.Json;
using System.Text.Json.Serialization;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>One problem that happened: a row of the table, and what is to be said about this time.</summary>
/// <param name="Type">The row.</param>
/// <param name="Detail">What happened and what to change, without a secret and without the caller's input.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    public JuspayReport? Juspay { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public static Problem Of(DelinkOutcome.Failed failed) =>
        new(ProblemType.Of(failed.Reason), failed.Detail) { Juspay = failed.Juspay, RetryAfter = failed.RetryAfter };

    /// <summary>The problem as RFC 9457's document.</summary>
    public HttpAnswer ToAnswer(string traceId)
    {
        var document = new ProblemDocument(Type.Uri, Type.Title, Type.Status, Detail, Type.Code, Type.Retryable, traceId, Juspay);
        return new HttpAnswer(
            Type.Status,
            "application/problem+json",
            JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Default.ProblemDocument),
            Type.Retryable ? RetryAfter ?? Type.RetryAfter : null);
    }
}

internal sealed record ProblemDocument(
    string Type, string Title, int Status, string Detail, string Code, bool Retryable, string TraceId, JuspayReport? Juspay);

internal sealed record HealthDocument(string Status, string Version, string? ApiKeyVersion);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(HealthDocument))]
internal sealed partial class HttpJson : JsonSerializerContext;

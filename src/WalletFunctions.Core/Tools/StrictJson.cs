using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace WalletFunctions.Tools;

/// <summary>Converts the root of a JSON document, or returns null and says what is wrong with it.</summary>
internal delegate T? JsonConversion<out T>(JsonElement root, out string? problem)
    where T : class;

/// <summary>Reads JSON that every parser understands in the same way: valid UTF-8, limited depth, and no repeated member.</summary>
internal static class StrictJson
{
    private const string NotJson = "it is not valid JSON";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Reads a document without exceptions.</summary>
    /// <param name="json">The document in UTF-8.</param>
    /// <param name="convert">Converts its root.</param>
    /// <param name="result">What <paramref name="convert"/> returned.</param>
    /// <param name="problem">The end of the sentence "it cannot be used: …".</param>
    /// <param name="options">Replaces the usual limits: at most 32 levels, no repeated member.</param>
    public static bool TryRead<T>(
        ReadOnlyMemory<byte> json, JsonConversion<T> convert, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? problem,
        JsonDocumentOptions? options = null)
        where T : class
    {
        result = null;
        problem = NotJson;
        if (!Utf8.IsValid(json.Span))
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, options ?? Strict);
            result = convert(document.RootElement, out problem);
        }
        // InvalidOperationException: a text contains an escaped half of a surrogate pair, which is detected only when it is read.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            problem = NotJson;
        }

        problem = result is null ? problem ?? NotJson : null;
        return result is not null;
    }

    /// <summary>Gets a member; undefined if it is missing or the parent is not an object.</summary>
    public static JsonElement Member(this JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Gets a member that is a string; null if it is missing or has another type.</summary>
    public static string? Text(this JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;
}

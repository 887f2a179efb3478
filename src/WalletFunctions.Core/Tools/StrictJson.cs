using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace WalletFunctions.Tools;

/// <summary>Converts the root of a JSON document, or returns null and says what is wrong with it.</summary>
internal delegate T? JsonConversion<out T>(JsonElement root, out string? problem)
    where T : class;

/// <summary>Reads JSON that every parser understands in the same way: valid UTF-8, at most 32 levels, and no repeated member.</summary>
internal static class StrictJson
{
    private const int MaxDepth = 32;
    private const string NotJson = "it is not valid JSON";

    private static readonly JsonDocumentOptions Unique = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions Repeatable = Unique with { AllowDuplicateProperties = true };

    /// <summary>Reads a document without exceptions.</summary>
    /// <param name="json">The document in UTF-8.</param>
    /// <param name="convert">Converts its root.</param>
    /// <param name="result">What <paramref name="convert"/> returned.</param>
    /// <param name="problem">The end of the sentence "it cannot be used: …".</param>
    /// <param name="allowRepeatedMembers">Accepts repeated members too, to find out which are repeated.</param>
    public static bool TryRead<T>(
        ReadOnlyMemory<byte> json, JsonConversion<T> convert, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? problem,
        bool allowRepeatedMembers = false)
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
            using var document = JsonDocument.Parse(json, allowRepeatedMembers ? Repeatable : Unique);
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

    /// <summary>Gets a member that is a string; null if it is missing or another type.</summary>
    public static string? Text(this JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String
            ? member.GetString()
            : null;
}

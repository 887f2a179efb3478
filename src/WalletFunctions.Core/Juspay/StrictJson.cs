using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace WalletFunctions.Juspay;

/// <summary>Makes something of a JSON document's root, or says what is wrong with it and answers null.</summary>
internal delegate T? JsonMaker<out T>(JsonElement root, out string? problem)
    where T : class;

/// <summary>Reads JSON that has one meaning: valid UTF-8, bounded depth, no member twice.</summary>
internal static class StrictJson
{
    private const int MaxDepth = 32;
    private const string NotJson = "it is not valid JSON";

    private static readonly JsonDocumentOptions OneMeaning = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Never throws; <paramref name="problem"/> ends the sentence "it cannot be used: …".</summary>
    public static bool TryRead<T>(
        ReadOnlyMemory<byte> json, JsonMaker<T> make, [NotNullWhen(true)] out T? made, [NotNullWhen(false)] out string? problem)
        where T : class
    {
        made = null;
        problem = NotJson;
        if (!Utf8.IsValid(json.Span))
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, OneMeaning);
            made = make(document.RootElement, out problem);
        }
        // The second comes from an escaped half of a character, which is found only when it is read as text.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            problem = NotJson;
        }

        problem = made is null ? problem ?? NotJson : null;
        return made is not null;
    }

    /// <summary>Whether the text is JSON that has one meaning.</summary>
    public static bool IsValid(ReadOnlyMemory<byte> json) => TryRead<string>(json, Accept, out _, out _);

    /// <summary>A member that is a string, else null.</summary>
    public static string? Text(this JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String
            ? member.GetString()
            : null;

    private static string? Accept(JsonElement root, out string? problem)
    {
        problem = null;
        return "";
    }
}

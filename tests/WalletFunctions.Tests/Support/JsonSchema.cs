using System.Text.Json;
using System.Text.RegularExpressions;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// The part of JSON Schema 2020-12 that the OpenAPI document uses. An unknown keyword is an error. No free .NET
/// library supports that dialect. Prism, which uses another implementation, checks the same document in <c>.ci/run</c>.
/// </summary>
internal static class JsonSchema
{
    /// <summary>Returns the violations of a value, each with its place; empty if there are none.</summary>
    /// <param name="root">The document that references refer to.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="place">The place of the value.</param>
    public static IEnumerable<string> Violations(JsonElement root, JsonElement schema, JsonElement value, string place = "$") =>
        schema.EnumerateObject().SelectMany(keyword => Violations(root, keyword.Name, keyword.Value, value, place));

    private static IEnumerable<string> Violations(JsonElement root, string keyword, JsonElement rule, JsonElement value, string place)
    {
        return keyword switch
        {
            "$ref" => Violations(root, Resolve(root, rule.GetString()!), value, place),
            "allOf" => rule.EnumerateArray().SelectMany(schema => Violations(root, schema, value, place)),
            "properties" => value.ValueKind is not JsonValueKind.Object ? [] : rule.EnumerateObject()
                .Where(member => value.TryGetProperty(member.Name, out _))
                .SelectMany(member => Violations(root, member.Value, value.GetProperty(member.Name), $"{place}.{member.Name}")),
            "items" => value.ValueKind is not JsonValueKind.Array ? [] : value.EnumerateArray()
                .SelectMany((item, index) => Violations(root, rule, item, $"{place}[{index}]")),
            "required" => value.ValueKind is not JsonValueKind.Object ? [] : rule.EnumerateArray()
                .Where(member => !value.TryGetProperty(member.GetString()!, out _))
                .Select(member => $"{place}.{member} is missing"),
            "type" => Expect(rule.ValueKind is JsonValueKind.Array ? rule.EnumerateArray().Any(type => Is(value, type.GetString()!)) : Is(value, rule.GetString()!)),
            "const" => Expect(JsonElement.DeepEquals(rule, value)),
            "enum" => Expect(rule.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value))),
            "pattern" => Expect(value.ValueKind is not JsonValueKind.String || Regex.IsMatch(value.GetString()!, Pattern(rule))),
            "minLength" => Expect(value.ValueKind is not JsonValueKind.String || value.GetString()!.Length >= rule.GetInt32()),
            "maxLength" => Expect(value.ValueKind is not JsonValueKind.String || value.GetString()!.Length <= rule.GetInt32()),
            "minimum" => Expect(value.ValueKind is not JsonValueKind.Number || value.GetDecimal() >= rule.GetDecimal()),
            "maximum" => Expect(value.ValueKind is not JsonValueKind.Number || value.GetDecimal() <= rule.GetDecimal()),
            "description" or "examples" => [],
            "additionalProperties" when rule.ValueKind is JsonValueKind.True => [],
            _ => throw new NotSupportedException($"{keyword} at {place}"),
        };

        IEnumerable<string> Expect(bool holds) => holds ? [] : [$"{place} is not {keyword} {rule}: {value}"];
    }

    /// <summary>The element that a reference within the document refers to.</summary>
    /// <exception cref="KeyNotFoundException">The reference leads nowhere.</exception>
    public static JsonElement Resolve(JsonElement root, string reference) => reference.Split('/')[1..].Aggregate(root, (element, name) =>
        element.TryGetProperty(name, out var member) ? member : throw new KeyNotFoundException($"{reference} refers to nothing."));

    /// <summary>Converts an ECMAScript pattern, in which <c>$</c> matches only the end and not before a final line feed.</summary>
    private static string Pattern(JsonElement rule) => Regex.Replace(rule.GetString()!, @"\$$", @"\z");

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "number" => value.ValueKind is JsonValueKind.Number,
        "integer" => value.ValueKind is JsonValueKind.Number && decimal.IsInteger(value.GetDecimal()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind is JsonValueKind.Null,
        _ => throw new NotSupportedException(type),
    };
}

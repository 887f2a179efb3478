using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>Reads the JSON of a simulator's command, or says which field is wrong and which values it accepts.</summary>
internal static class CommandReader
{
    /// <returns>The command, or a sentence about the error.</returns>
    public static async Task<(T? Command, string? Problem)> ReadAsync<T>(Stream body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var problem = document.RootElement.ValueKind is JsonValueKind.Object
                ? ProblemOf(document.RootElement, type)
                : $"the body must be a JSON object. {Fields(type)}";
            return problem is null ? (document.RootElement.Deserialize(type), null) : (null, problem);
        }
        catch (JsonException exception)
        {
            return (null, $"the body is not JSON: {exception.Message} {Fields(type)}");
        }
    }

    /// <summary>Names an unknown field of a command, or an unknown parameter of its query.</summary>
    public static string NoField(string name, params IEnumerable<string> known) => $"{name} is not a field of this command. Known: {string.Join(", ", known)}";

    /// <summary>Names a field of a command, or a parameter of its query, with a value that is not accepted.</summary>
    public static string NotOneOf(string name, params IEnumerable<string> possible) => $"{name} must be one of: {string.Join(", ", possible)}";

    private static string? ProblemOf(JsonElement command, JsonTypeInfo type)
    {
        foreach (var member in command.EnumerateObject())
        {
            if (type.Properties.FirstOrDefault(property => property.Name == member.Name) is not { } property)
            {
                return NoField(member.Name, type.Properties.Select(known => known.Name));
            }

            if (ProblemOf(member.Value, property) is { } problem)
            {
                return problem;
            }
        }

        return type.Properties.FirstOrDefault(property => property.IsRequired && !command.TryGetProperty(property.Name, out _)) is { } missing
            ? $"{missing.Name} is missing. {Fields(type)}"
            : null;
    }

    private static string? ProblemOf(JsonElement value, JsonPropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (value.ValueKind is JsonValueKind.Null && (property.IsSetNullable || type != property.PropertyType))
        {
            return null;
        }

        if (type.IsEnum)
        {
            // Numbers are not accepted, although the converter would accept them.
            var names = Enum.GetValues(type).Cast<object>().Select(name => JsonSerializer.SerializeToElement(name, property.Options.GetTypeInfo(type)).GetString()!).ToArray();
            return value.ValueKind is JsonValueKind.String && names.Contains(value.GetString(), StringComparer.Ordinal) ? null : NotOneOf(property.Name, names);
        }

        try
        {
            return value.Deserialize(property.Options.GetTypeInfo(property.PropertyType)) is null ? Must() : null;
        }
        catch (JsonException)
        {
            return Must();
        }

        string Must() => $"{property.Name} must be {Kind(type)}";
    }

    private static string Fields(JsonTypeInfo type) => "Fields: " + string.Join(", ", type.Properties.Select(property => property.Name));

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) ? "a whole number"
        : type == typeof(string) ? "a string"
        : type == typeof(DateTimeOffset) ? "a date and time, for example \"2030-01-31T00:00:00Z\""
        : type.IsAssignableTo(typeof(IEnumerable)) ? "an object of strings, for example {\"Retry-After\":\"60\"}"
        : "JSON";
}

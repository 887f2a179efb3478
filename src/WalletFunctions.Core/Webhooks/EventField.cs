using System.Globalization;
using System.Text.Json;

namespace WalletFunctions.Webhooks;

/// <summary>Where a value of an event is: <c>header:{name}</c>, or <c>body:</c> and a JSON Pointer (RFC 6901). The first of several places that has a value counts.</summary>
internal sealed class EventField
{
    private const string HeaderPrefix = "header:";
    private const string BodyPrefix = "body:";

    private readonly string[] _places;

    private EventField(string[] places) => _places = places;

    /// <summary>Reads places that are separated by spaces; null if one of them has the wrong form.</summary>
    public static EventField? Parse(string text)
    {
        var places = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return places.Length > 0 && Array.TrueForAll(places, IsPlace) ? new EventField(places) : null;
    }

    /// <summary>Returns the value, a string or the digits of a whole number; null if no place has one.</summary>
    /// <param name="item">The event in the body.</param>
    /// <param name="header">Gets a header of the request.</param>
    public string? Read(JsonElement item, Func<string, string?> header) => _places
        .Select(place => place.StartsWith(HeaderPrefix, StringComparison.Ordinal) ? header(place[HeaderPrefix.Length..]) : TextOf(Find(item, place)))
        .FirstOrDefault(value => value is not (null or ""));

    /// <summary>Returns the events below the place: the items of an array, or the one object; none if it is neither.</summary>
    public IEnumerable<JsonElement> ReadItems(JsonElement body) => Find(body, _places[0]) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        { ValueKind: JsonValueKind.Object } one => [one],
        _ => [],
    };

    /// <summary>The places as the setting has them.</summary>
    public override string ToString() => string.Join(" or ", _places);

    /// <summary>Whether all places are in the body, and there is one of them.</summary>
    public bool IsOnePlaceInTheBody => _places is [var place] && place.StartsWith(BodyPrefix, StringComparison.Ordinal);

    private static bool IsPlace(string place) =>
        place.StartsWith(HeaderPrefix, StringComparison.Ordinal) ? IsHeaderName(place[HeaderPrefix.Length..])
        : place.StartsWith(BodyPrefix, StringComparison.Ordinal) && IsPointer(place[BodyPrefix.Length..]);

    /// <summary>Whether a text can be the name of a header.</summary>
    public static bool IsHeaderName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    // A tilde is the beginning of ~0 (a tilde) or ~1 (a slash).
    private static bool IsPointer(string pointer) =>
        pointer is "" || (pointer[0] is '/' && pointer.Split('~').Skip(1).All(escape => escape is ['0' or '1', ..]));

    private static JsonElement Find(JsonElement root, string place)
    {
        var element = root;
        foreach (var token in place[BodyPrefix.Length..].Split('/').Skip(1))
        {
            var name = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            element = element.ValueKind switch
            {
                JsonValueKind.Object when element.TryGetProperty(name, out var member) => member,
                JsonValueKind.Array when IsIndex(name, element.GetArrayLength(), out var index) => element[index],
                _ => default,
            };
        }

        return element;
    }

    private static bool IsIndex(string text, int length, out int index) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < length && (text is "0" || text[0] is not '0');

    /// <summary>A number counts only if it is written as digits alone, because 1e3 and 1.0 are other ids to other programs.</summary>
    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.GetRawText() is var digits && digits.All(char.IsAsciiDigit) => digits,
        _ => null,
    };
}

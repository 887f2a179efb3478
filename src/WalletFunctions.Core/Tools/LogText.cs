using System.Globalization;

namespace WalletFunctions.Tools;

/// <summary>Makes ids and text from outside safe to log.</summary>
internal static class LogText
{
    /// <summary>Masks an id: shows at most its first and last four characters, and never more than half of it.</summary>
    public static string MaskId(string id)
    {
        var shown = Math.Min(4, id.Length / 4);
        return $"{id[..shown]}…{id[^shown..]}";
    }

    /// <summary>
    /// Makes text one value of a <c>name=value</c> log line, of at most <paramref name="maxLength"/> characters: each character that could end the
    /// value or begin another becomes an underscore.
    /// </summary>
    public static string Word(string text, int maxLength) => Map(
        text, maxLength, static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+' or ':' or '…' ? c : '_');

    /// <summary>
    /// Makes text one line of at most <paramref name="maxLength"/> characters: each character that breaks a line, colours it or changes its direction
    /// becomes a space.
    /// </summary>
    public static string OneLine(string text, int maxLength) => Map(
        text, maxLength, static c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c);

    private static string Map(string text, int maxLength, Func<char, char> map)
    {
        var length = 0;
        while (length < text.Length && length < maxLength && map(text[length]) == text[length])
        {
            length++;
        }

        // Nearly all texts are safe and are not copied.
        return length == text.Length ? text : string.Create(Math.Min(text.Length, maxLength), (text, map), static (result, source) =>
        {
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = source.map(source.text[i]);
            }
        });
    }
}

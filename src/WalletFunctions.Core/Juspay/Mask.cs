using System.Globalization;

namespace WalletFunctions.Juspay;

/// <summary>How ids and foreign text may appear in logs.</summary>
internal static class Mask
{
    /// <summary>At most the first and the last four characters, and never more than half of the id.</summary>
    public static string Id(string id)
    {
        var shown = Math.Min(4, id.Length / 4);
        return $"{id[..shown]}…{id[^shown..]}";
    }

    /// <summary>
    /// Foreign text as one value of a <c>name=value</c> log line: whatever could end the value or begin another becomes an underscore.
    /// </summary>
    public static string Word(string text, int maxLength)
    {
        var length = Math.Min(text.Length, maxLength);
        return string.Create(length, text, static (word, text) =>
        {
            for (var i = 0; i < word.Length; i++)
            {
                word[i] = char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_' or '.' or '@' or '+' or ':' or '…' ? text[i] : '_';
            }
        });
    }

    /// <summary>
    /// Foreign text on one line that reads as it stands: what breaks a line, colours it or turns its direction becomes a space, and it ends after
    /// <paramref name="maxLength"/>.
    /// </summary>
    public static string OneLine(string text, int maxLength)
    {
        var length = Math.Min(text.Length, maxLength);
        return string.Create(length, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = char.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : text[i];
            }
        });
    }
}

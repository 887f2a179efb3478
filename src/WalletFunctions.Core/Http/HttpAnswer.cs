using System.Globalization;

namespace WalletFunctions.Http;

/// <summary>An answer for either host to write as it stands.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="RetryAfter">When repeating the request makes sense, if waiting helps.</param>
public sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter = null)
{
    internal const string Json = "application/json";

    /// <summary>All headers of the answer but the length of its body.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            yield return new("Content-Type", ContentType);
            yield return new("Cache-Control", "no-store");
            yield return new("X-Content-Type-Options", "nosniff");
            if (RetryAfter is { } wait)
            {
                yield return new("Retry-After", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}

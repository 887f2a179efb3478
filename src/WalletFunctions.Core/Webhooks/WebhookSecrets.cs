using System.Diagnostics.CodeAnalysis;
using System.Text;
using WalletFunctions.Tools;

namespace WalletFunctions.Webhooks;

/// <summary>The secrets that a sender may use: one, or several during a rotation.</summary>
internal sealed class WebhookSecrets : SecretValue<WebhookSecrets>
{
    public const int MaxCount = 8;

    /// <summary>The shortest secret that is used as text, in characters.</summary>
    public const int MinTextLength = 8;

    private const int MaxTextLength = 256;
    private const string Prefix = "whsec_";

    private WebhookSecrets(string[] texts, IReadOnlyList<byte[]> keys)
        : base(Encoding.UTF8.GetBytes(string.Join('\n', texts))) => Keys = keys;

    /// <summary>The keys for HMAC-SHA256, or the tokens.</summary>
    public IReadOnlyList<byte[]> Keys { get; }

    /// <summary>
    /// Reads stored secrets, separated by line breaks, or by any white space if none can be part of a secret. <paramref name="problem"/> says what is wrong without
    /// showing one.
    /// </summary>
    public static bool TryParse(
        string stored, SecretEncoding encoding, [NotNullWhen(true)] out WebhookSecrets? secrets, [NotNullWhen(false)] out string? problem)
    {
        // A text may contain spaces: WooCommerce generates such secrets, and a token may be "Bearer" and a value.
        char[]? separators = encoding is SecretEncoding.Utf8 ? ['\n', '\r'] : null;
        var texts = stored.Split(separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var keys = texts.Select(text => ToKey(text, encoding)).OfType<byte[]>().ToArray();
        problem = texts.Length is 0 or > MaxCount ? $"it must hold 1 to {MaxCount} secrets, separated by line breaks"
            : keys.Length == texts.Length ? null
            : "each secret must be " + encoding switch
            {
                // Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
                SecretEncoding.Whsec => $"{Prefix} and the base64 of 24 to 64 random bytes",
                SecretEncoding.Base64 => $"the base64 of at least {MinTextLength} bytes",
                SecretEncoding.Hex => $"at least {MinTextLength} bytes in hexadecimal digits",
                SecretEncoding.Utf8 => $"one line of {MinTextLength} to {MaxTextLength} printable ASCII characters",
            };
        secrets = problem is null ? new WebhookSecrets(texts, keys) : null;
        return problem is null;
    }

    /// <summary>Returns the key, or null if the text cannot be a secret.</summary>
    private static byte[]? ToKey(string text, SecretEncoding encoding)
    {
        var isText = text.Length is >= MinTextLength and <= MaxTextLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return encoding switch
        {
            SecretEncoding.Whsec => text.StartsWith(Prefix, StringComparison.Ordinal) && FromBase64(text[Prefix.Length..]) is { Length: >= 24 and <= 64 } key ? key : null,
            SecretEncoding.Base64 => FromBase64(text) is { Length: >= MinTextLength } key ? key : null,
            SecretEncoding.Hex => isText && text.Length % 2 is 0 && text.All(char.IsAsciiHexDigit) && text.Length >= 2 * MinTextLength ? Convert.FromHexString(text) : null,
            SecretEncoding.Utf8 => isText ? Encoding.ASCII.GetBytes(text) : null,
        };
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}

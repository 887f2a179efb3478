using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace WalletFunctions.Webhooks;

/// <summary>
/// The secrets that webhooks may be signed with: one, or several while they are rotated. Each is <c>whsec_</c> and the base64 of 24 to 64 bytes.
/// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
/// </summary>
public sealed class WebhookSecrets : IEquatable<WebhookSecrets>
{
    /// <summary>How many are taken at the most.</summary>
    public const int MaxCount = 8;

    private const string Prefix = "whsec_";
    private readonly byte[][] _keys;

    private WebhookSecrets(byte[][] keys) => _keys = keys;

    /// <summary>The keys for HMAC-SHA256.</summary>
    internal IReadOnlyList<byte[]> Keys => _keys;

    /// <summary>
    /// Reads what somebody stored: secrets separated by white space. <paramref name="problem"/> says what is wrong without showing one.
    /// </summary>
    public static bool TryParse(string stored, [NotNullWhen(true)] out WebhookSecrets? secrets, [NotNullWhen(false)] out string? problem)
    {
        secrets = null;
        problem = null;
        var texts = stored.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var keys = new List<byte[]>(texts.Length);
        if (texts.Length is 0 or > MaxCount)
        {
            problem = $"it must hold 1 to {MaxCount} secrets, separated by white space";
            return false;
        }

        foreach (var text in texts)
        {
            var key = new byte[text.Length];
            if (!text.StartsWith(Prefix, StringComparison.Ordinal)
                || !Convert.TryFromBase64String(text[Prefix.Length..], key, out var length)
                || length is < 24 or > 64)
            {
                problem = $"each secret must be {Prefix} and the base64 of 24 to 64 random bytes";
                return false;
            }

            keys.Add(key[..length]);
        }

        secrets = new WebhookSecrets([.. keys]);
        return true;
    }

    /// <inheritdoc />
    public bool Equals(WebhookSecrets? other) => other is not null
        && _keys.Length == other._keys.Length
        && _keys.Zip(other._keys).All(pair => CryptographicOperations.FixedTimeEquals(pair.First, pair.Second));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as WebhookSecrets);

    /// <inheritdoc />
    public override int GetHashCode() => _keys.Length;

    /// <summary>Never a value.</summary>
    public override string ToString() => "***";
}

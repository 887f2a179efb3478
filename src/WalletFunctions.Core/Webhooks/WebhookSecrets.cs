using System.Diagnostics.CodeAnalysis;
using System.Text;
using WalletFunctions.Tools;

namespace WalletFunctions.Webhooks;

/// <summary>
/// The secrets that webhooks may be signed with: one, or several during a rotation. Each is <c>whsec_</c> and the base64 of 24 to 64 bytes.
/// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
/// </summary>
internal sealed class WebhookSecrets : SecretValue<WebhookSecrets>
{
    public const int MaxCount = 8;

    private const string Prefix = "whsec_";

    private WebhookSecrets(string[] texts, IReadOnlyList<byte[]> keys)
        : base(Encoding.UTF8.GetBytes(string.Join(' ', texts))) => Keys = keys;

    /// <summary>The keys for HMAC-SHA256.</summary>
    public IReadOnlyList<byte[]> Keys { get; }

    /// <summary>Reads stored secrets, separated by white space. <paramref name="problem"/> says what is wrong without showing one.</summary>
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

        secrets = new WebhookSecrets(texts, keys);
        return true;
    }
}

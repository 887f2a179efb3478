using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WalletFunctions.Webhooks;

/// <summary>The three headers of a signed webhook. A missing or repeated one is empty.</summary>
/// <param name="Id"><c>webhook-id</c>.</param>
/// <param name="Timestamp"><c>webhook-timestamp</c>, Unix seconds.</param>
/// <param name="Signature"><c>webhook-signature</c>, space-separated <c>v1,{base64}</c>.</param>
internal sealed record WebhookHeaders(string Id, string Timestamp, string Signature);

/// <summary>
/// Standard Webhooks 1.0.0: HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>. Every wrong input takes the same path, so neither the answer nor its time
/// reveals which part was wrong.
/// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
/// </summary>
internal static class WebhookSignature
{
    /// <summary>The largest difference of the timestamp from now, in both directions.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public const int MaxIdLength = 256;

    private const int MaxSignatures = 32;
    private const string Version = "v1,";

    // As long as a real signature, but not base64, so that no signature equals it.
    private static readonly byte[] NoSignature = new byte[44];

    /// <summary>Whether one of the secrets signed this body with these headers within <see cref="Tolerance"/>.</summary>
    public static bool IsValid(WebhookHeaders headers, ReadOnlySpan<byte> body, WebhookSecrets secrets, DateTimeOffset now)
    {
        var isWellFormed = CouldBeValid(headers, now);
        var candidates = Candidates(headers.Signature);
        var matches = false;
        Span<byte> expected = stackalloc byte[NoSignature.Length];
        foreach (var key in secrets.Keys)
        {
            Sign(headers.Id, headers.Timestamp, body, key, expected);
            foreach (var candidate in candidates)
            {
                matches |= CryptographicOperations.FixedTimeEquals(expected, candidate);
            }
        }

        return isWellFormed & matches;
    }

    /// <summary>Whether the headers could be valid now with any secret: a usable id, a recent timestamp, and a signature of the known version.</summary>
    public static bool CouldBeValid(WebhookHeaders headers, DateTimeOffset now) =>
        IsId(headers.Id) & IsRecent(headers.Timestamp, now) & headers.Signature.Contains(Version, StringComparison.Ordinal);

    /// <summary>Signs with the first of the secrets, as a sender does. Returns the value of <c>webhook-signature</c>.</summary>
    public static string Sign(string id, string timestamp, ReadOnlySpan<byte> body, WebhookSecrets secrets)
    {
        Span<byte> signature = stackalloc byte[NoSignature.Length];
        Sign(id, timestamp, body, secrets.Keys[0], signature);
        return Version + Encoding.ASCII.GetString(signature);
    }

    private static void Sign(string id, string timestamp, ReadOnlySpan<byte> body, byte[] key, Span<byte> base64)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        hmac.GetHashAndReset(hash);
        System.Buffers.Text.Base64.EncodeToUtf8(hash, base64, out _, out _);
    }

    // With a dot in the id, two different messages could have the same signed bytes.
    private static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && !id.Contains('.') && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsRecent(string timestamp, DateTimeOffset now) =>
        timestamp.Length is > 0 and <= 12
        && long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= (long)Tolerance.TotalSeconds;

    /// <summary>
    /// The signatures of the known version as text, because base64 has several texts for the same bytes. Without one, a dummy takes the same time.
    /// </summary>
    private static byte[][] Candidates(string signatures) =>
    [
        .. signatures.Split(' ')
            .Where(signature => signature.StartsWith(Version, StringComparison.Ordinal))
            .Take(MaxSignatures)
            .Select(signature => Encoding.UTF8.GetBytes(signature[Version.Length..]))
            .DefaultIfEmpty(NoSignature),
    ];
}

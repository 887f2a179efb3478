using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WalletFunctions.Webhooks;

/// <summary>The headers that a scheme checks. A missing or repeated one is empty.</summary>
/// <param name="Id">The id of the delivery.</param>
/// <param name="Timestamp">The time of the signature.</param>
/// <param name="Signature">All signatures.</param>
internal sealed record DeliveryHeaders(string Id, string Timestamp, string Signature)
{
    /// <summary>Finds the headers of a scheme among those of a request.</summary>
    public static DeliveryHeaders Of(SignatureScheme scheme, Func<string, string?> header)
    {
        var signature = header(scheme.SignatureHeader) ?? "";
        var timestamp = scheme.TimestampHeader is not { } name ? ""
            : name.Equals(scheme.SignatureHeader, StringComparison.OrdinalIgnoreCase) ? WebhookSignature.ValuesAfter("t=", signature).FirstOrDefault("")
            : header(name) ?? "";
        return new(scheme.IdHeader is null ? "" : header(scheme.IdHeader) ?? "", timestamp, signature);
    }
}

/// <summary>
/// Checks the signature of a delivery. Every wrong input takes the same path, so neither the answer nor its time reveals which part was wrong.
/// </summary>
internal static class WebhookSignature
{
    public const int MaxIdLength = 256;

    private const int MaxSignatures = 32;

    // No text of a signature or a token contains this character.
    private static readonly byte[] NoSignature = [0];

    /// <summary>Whether one of the secrets signed this body with these headers, within the scheme's tolerance.</summary>
    public static bool IsValid(SignatureScheme scheme, DeliveryHeaders headers, ReadOnlySpan<byte> body, WebhookSecrets secrets, DateTimeOffset now)
    {
        var signatures = SignaturesIn(scheme, headers.Signature);
        var isWellFormed = AreUsable(scheme, headers, signatures, now);
        // Without a signature, a dummy takes the same time.
        var candidates = signatures.DefaultIfEmpty(NoSignature).Select(SHA256.HashData).ToArray();
        var matches = false;
        foreach (var key in secrets.Keys)
        {
            // The hashes of the texts have one length, so the comparison takes the same time for a signature of any length.
            var expected = SHA256.HashData(Encoding.UTF8.GetBytes(Sign(scheme, headers, body, key)));
            foreach (var candidate in candidates)
            {
                matches |= CryptographicOperations.FixedTimeEquals(expected, candidate);
            }
        }

        return isWellFormed & matches;
    }

    /// <summary>Whether the headers could be valid now with any secret: a usable id, a recent timestamp, and a signature with the prefix.</summary>
    public static bool CouldBeValid(SignatureScheme scheme, DeliveryHeaders headers, DateTimeOffset now) =>
        AreUsable(scheme, headers, SignaturesIn(scheme, headers.Signature), now);

    /// <summary>Signs with the first of the secrets, as a sender does. Returns the prefix and the signature.</summary>
    public static string Sign(SignatureScheme scheme, string id, string timestamp, ReadOnlySpan<byte> body, WebhookSecrets secrets) =>
        scheme.SignaturePrefix + Sign(scheme, new DeliveryHeaders(id, timestamp, ""), body, secrets.Keys[0]);

    /// <summary>Returns the values between a prefix and the next space or comma. The prefix is at the start, or after a space or comma.</summary>
    public static IEnumerable<string> ValuesAfter(string prefix, string header)
    {
        for (var at = 0; (at = header.IndexOf(prefix, at, StringComparison.Ordinal)) >= 0; at += prefix.Length)
        {
            if (at is 0 || header[at - 1] is ' ' or ',')
            {
                var value = header[(at + prefix.Length)..];
                yield return value.AsSpan().IndexOfAny(' ', ',') is >= 0 and var end ? value[..end] : value;
            }
        }
    }

    private static bool AreUsable(SignatureScheme scheme, DeliveryHeaders headers, byte[][] signatures, DateTimeOffset now) =>
        (scheme.SignedContent?.Has(SignedContent.Id) is not true || IsId(headers.Id))
        & (scheme.TimestampHeader is null || IsRecent(scheme, headers.Timestamp, now))
        & signatures.Length > 0;

    private static string Sign(SignatureScheme scheme, DeliveryHeaders headers, ReadOnlySpan<byte> body, byte[] key)
    {
        if (scheme.SignedContent is not { } content)
        {
            return Encoding.UTF8.GetString(key);
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var part in content.Parts)
        {
            hmac.AppendData(part is SignedContent.Body ? body : Encoding.UTF8.GetBytes(part switch
            {
                SignedContent.Timestamp => headers.Timestamp,
                SignedContent.Id => headers.Id,
                SignedContent.Method => "POST",
                SignedContent.Url => scheme.PublicUrl!,
                var literal => literal,
            }));
        }

        var hash = hmac.GetHashAndReset();
        return scheme.Encoding is SignatureEncoding.Hex ? Convert.ToHexStringLower(hash) : Convert.ToBase64String(hash);
    }

    // With a dot in the id, two different messages could have the same signed bytes.
    private static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && !id.Contains('.') && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsRecent(SignatureScheme scheme, string timestamp, DateTimeOffset now) =>
        timestamp.Length <= MaxTimestampLength(scheme)
        && long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var units)
        && Math.Abs(((now - DateTimeOffset.UnixEpoch).Ticks / scheme.TimestampUnit.Ticks) - units) <= scheme.Tolerance.Ticks / scheme.TimestampUnit.Ticks;

    /// <summary>The most digits of a timestamp. More could not be converted into a time.</summary>
    private static int MaxTimestampLength(SignatureScheme scheme) => scheme.TimestampUnit < TimeSpan.FromSeconds(1) ? 15 : 12;

    /// <summary>Returns the signatures as text, because base64 has several texts for the same bytes; none if no text has the prefix.</summary>
    private static byte[][] SignaturesIn(SignatureScheme scheme, string signatures)
    {
        // A token may contain spaces and commas. A header without a prefix holds one signature.
        var isOne = scheme.SignedContent is null || scheme.SignaturePrefix is "";
        var values = !isOne ? ValuesAfter(scheme.SignaturePrefix, signatures).Take(MaxSignatures)
            : signatures.StartsWith(scheme.SignaturePrefix, StringComparison.Ordinal) ? [signatures[scheme.SignaturePrefix.Length..].TrimStart(' ')]
            : [];
        return [.. values.Where(value => value is not "").Select(Encoding.UTF8.GetBytes)];
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using WalletFunctions.KeyVault;
using WalletFunctions.Tools;

namespace WalletFunctions.Delinking;

/// <summary>The key of the hashes in audit records. Without it, a reader of the records cannot find an id by trying ids. No member returns its value.</summary>
internal sealed class AuditHashKey : SecretValue<AuditHashKey>
{
    /// <summary>In characters, as <see cref="MaxLength"/>.</summary>
    public const int MinLength = 32;

    public const int MaxLength = 1024;

    private AuditHashKey(byte[] key)
        : base(key)
    {
    }

    /// <summary>
    /// Reads a stored key: the ASCII characters without the white space around them. If it cannot be used, <paramref name="problem"/> says why
    /// without showing it.
    /// </summary>
    public static bool TryParse(string stored, [NotNullWhen(true)] out AuditHashKey? key, [NotNullWhen(false)] out string? problem)
    {
        var text = stored.Trim();
        problem = text.Length is < MinLength or > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? $"it must be {MinLength} to {MaxLength} printable ASCII characters without a space, such as the base64 of 32 random bytes"
            : null;
        key = problem is null ? new AuditHashKey(Encoding.ASCII.GetBytes(text)) : null;
        return problem is null;
    }

    /// <summary>Returns the first 16 bytes of HMAC-SHA256 over the id's UTF-8 bytes, as 32 lower-case hexadecimal digits.</summary>
    public string Hash(string id)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Bytes, Encoding.UTF8.GetBytes(id), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}

/// <summary>
/// Lets an auditor who knows an id find its audit records, which show no id. A record never waits for the key: a record that is written without it says
/// so.
/// </summary>
/// <param name="key">The key; null if none is configured.</param>
internal sealed class AuditHash(CachedSecret<AuditHashKey>? key)
{
    public const string NotConfigured = "not_configured";

    /// <summary>The key is configured but not in memory.</summary>
    public const string NotAvailable = "not_available";

    /// <summary>Returns the hashes of a record's ids, and the version of the key that they were made with.</summary>
    public (string Customer, string Wallet, string KeyVersion) Of(string? customerId, string? walletId) => key?.InMemory is { } held
        ? (Hash(held.Value, customerId), Hash(held.Value, walletId), held.Version)
        : ("-", "-", key is null ? NotConfigured : NotAvailable);

    /// <inheritdoc cref="CachedSecret{T}.KeepFreshAsync" />
    public Task KeepFreshAsync(CancellationToken cancellationToken) => key?.KeepFreshAsync(cancellationToken) ?? Task.CompletedTask;

    private static string Hash(AuditHashKey key, string? id) => id is null ? "-" : key.Hash(id);
}

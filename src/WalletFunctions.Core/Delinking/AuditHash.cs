using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using WalletFunctions.Secrets;

namespace WalletFunctions.Delinking;

/// <summary>
/// What makes the hashes in audit records ours: without this key nobody can try ids until one fits. It shows its value to nobody.
/// </summary>
public sealed class AuditHashKey : IEquatable<AuditHashKey>
{
    /// <summary>The shortest key accepted, in characters.</summary>
    public const int MinLength = 32;

    /// <summary>The longest key accepted, in characters.</summary>
    public const int MaxLength = 1024;

    private readonly byte[] _key;

    private AuditHashKey(byte[] key) => _key = key;

    /// <summary>
    /// Reads a key as somebody stored it: a text whose ASCII characters are the key; white space around it is not part of it. Where it cannot be
    /// used, <paramref name="problem"/> says why without showing it.
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

    /// <summary>HMAC-SHA256 of the id's UTF-8 bytes: the first 16 bytes, as 32 lower-case hexadecimal digits.</summary>
    public string Hash(string id)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(id), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <inheritdoc />
    public bool Equals(AuditHashKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as AuditHashKey);

    /// <inheritdoc />
    public override int GetHashCode() => _key.Length;

    /// <summary>Never the value.</summary>
    public override string ToString() => "***";
}

/// <summary>
/// Lets an auditor who knows an id find its audit records, while the records show it to nobody. A record never waits for the key: one that is
/// written without it says so.
/// </summary>
/// <param name="key">The key; null where none is configured.</param>
public sealed class AuditHash(CachedSecret<AuditHashKey>? key)
{
    /// <summary>The word for "nobody asked for hashes".</summary>
    public const string NotConfigured = "not_configured";

    /// <summary>The word for "the key could not be read yet".</summary>
    public const string NotAvailable = "not_available";

    /// <summary>The hashes of a record's ids, and the version of the key that they were made with.</summary>
    internal (string Customer, string Wallet, string KeyVersion) Of(string? customerId, string? walletId) => key?.InMemory is { } held
        ? (Hash(held.Value, customerId), Hash(held.Value, walletId), held.Version)
        : ("-", "-", key is null ? NotConfigured : NotAvailable);

    /// <summary>Reads the key at once and then at the interval, if there is to be one. Ends when cancelled.</summary>
    public Task KeepFreshAsync(CancellationToken cancellationToken) => key?.KeepFreshAsync(cancellationToken) ?? Task.CompletedTask;

    private static string Hash(AuditHashKey key, string? id) => id is null ? "-" : key.Hash(id);
}

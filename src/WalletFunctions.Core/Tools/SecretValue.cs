using System.Security.Cryptography;

namespace WalletFunctions.Tools;

/// <summary>A secret that is compared in constant time and does not appear in text.</summary>
/// <param name="bytes">The bytes that make two secrets equal.</param>
internal abstract class SecretValue<T>(byte[] bytes) : IEquatable<T>
    where T : SecretValue<T>
{
    protected ReadOnlySpan<byte> Bytes => bytes;

    public bool Equals(T? other) => other is not null && CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    public sealed override bool Equals(object? obj) => Equals(obj as T);

    public sealed override int GetHashCode() => bytes.Length;

    public sealed override string ToString() => "***";
}

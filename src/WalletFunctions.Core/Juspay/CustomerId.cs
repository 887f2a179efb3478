using System.Buffers;

namespace WalletFunctions.Juspay;

/// <summary>
/// A customer id that is safe to put into a path: 1 to 128 of <c>A-Z a-z 0-9 _ - . @ +</c>, and not dots alone, which a URL would resolve.
/// </summary>
public sealed class CustomerId
{
    /// <summary>The longest id accepted, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.@+");

    private CustomerId(string value) => Value = value;

    /// <summary>The whole id, for Juspay and for the caller who sent it; never for a log.</summary>
    public string Value { get; }

    /// <summary>The id, or null where <paramref name="text"/> is not one.</summary>
    public static CustomerId? Parse(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed) && text.AsSpan().ContainsAnyExcept('.')
            ? new CustomerId(text)
            : null;

    /// <summary>The id as a log may show it.</summary>
    public override string ToString() => Mask.Id(Value);
}

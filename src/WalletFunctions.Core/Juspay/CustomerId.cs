using System.Buffers;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>
/// A customer id that is safe in a path: 1 to 128 characters of <c>A-Z a-z 0-9 _ - . @ +</c>, at least one of them not a dot, because URLs resolve
/// segments of dots.
/// </summary>
internal sealed class CustomerId
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.@+");

    private CustomerId(string value) => Value = value;

    /// <summary>The whole id, for Juspay and for the caller who sent it. Logs show <see cref="ToString"/>.</summary>
    public string Value { get; }

    /// <summary>Returns the id, or null if the text is not a customer id.</summary>
    public static CustomerId? Parse(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed) && text.AsSpan().ContainsAnyExcept('.')
            ? new CustomerId(text)
            : null;

    public override string ToString() => LogText.MaskId(Value);
}

using System.Buffers;

namespace WalletFunctions.Juspay;

/// <summary>
/// A wallet id that is safe to put into a path: 1 to 128 of <c>A-Z a-z 0-9 _ -</c>. Juspay documents no grammar; every id in its samples
/// (<c>wlt_…</c>, <c>wlm_…</c>) fits. Ids are allow-listed and not escaped, because <see cref="Uri"/> resolves an escaped <c>..</c>.
/// </summary>
public sealed class WalletId
{
    /// <summary>The longest id accepted, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private WalletId(string value) => Value = value;

    /// <summary>The whole id, for Juspay and for the caller who sent it; never for a log.</summary>
    public string Value { get; }

    /// <summary>The id, or null where <paramref name="text"/> is not one.</summary>
    public static WalletId? Parse(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed) ? new WalletId(text) : null;

    /// <summary>The id as a log may show it.</summary>
    public override string ToString() => Mask.Id(Value);
}

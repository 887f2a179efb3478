using System.Buffers;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>
/// A wallet id that is safe in a path: 1 to 128 characters of <c>A-Z a-z 0-9 _ -</c>. Juspay documents no grammar, but every id in its samples
/// (<c>wlt_…</c>, <c>wlm_…</c>) fits. Other characters are refused, not escaped, because <see cref="Uri"/> resolves an escaped <c>..</c>.
/// </summary>
internal sealed class WalletId
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private WalletId(string value) => Value = value;

    /// <summary>The whole id, for Juspay and for the caller who sent it. Logs show <see cref="ToString"/>.</summary>
    public string Value { get; }

    /// <summary>Returns the id, or null if the text is not a wallet id.</summary>
    public static WalletId? Parse(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed) ? new WalletId(text) : null;

    public override string ToString() => LogText.MaskId(Value);
}

using System.Buffers;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>An id that is safe to send to Juspay: 1 to 128 characters of a limited set.</summary>
/// <param name="value">The whole id, for Juspay and for the caller who sent it. Logs show <see cref="ToString"/>.</param>
internal abstract class Identifier(string value)
{
    public const int MaxLength = 128;

    public string Value { get; } = value;

    public sealed override string ToString() => LogText.MaskId(Value);

    protected static bool Consists(string? text, SearchValues<char> allowed) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(allowed);
}

/// <summary>
/// A wallet id of <c>A-Z a-z 0-9 _ -</c>. Juspay documents no grammar, but every id in its samples (<c>wlt_…</c>, <c>wlm_…</c>) fits. Other characters
/// are refused, not escaped, because <see cref="Uri"/> resolves an escaped <c>..</c> in a path.
/// </summary>
internal sealed class WalletId : Identifier
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private WalletId(string value)
        : base(value)
    {
    }

    /// <summary>Returns the id, or null if the text is not a wallet id.</summary>
    public static WalletId? Parse(string? text) => Consists(text, Allowed) ? new WalletId(text!) : null;
}

/// <summary>A customer id of <c>A-Z a-z 0-9 _ - . @ +</c>, but not of dots alone, because URLs resolve segments of dots.</summary>
internal sealed class CustomerId : Identifier
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.@+");

    private CustomerId(string value)
        : base(value)
    {
    }

    /// <summary>Returns the id, or null if the text is not a customer id.</summary>
    public static CustomerId? Parse(string? text) => Consists(text, Allowed) && text.AsSpan().ContainsAnyExcept('.') ? new CustomerId(text!) : null;
}

/// <summary>
/// The value of <c>x-routing-id</c>: the customer id, or another id that is the same in all calls about that customer. Printable ASCII without a comma,
/// because a header that was sent twice arrives joined by a comma.
/// </summary>
internal sealed class RoutingId : Identifier
{
    private RoutingId(string value)
        : base(value)
    {
    }

    /// <summary>Returns the id without surrounding spaces, or null if the text is not a routing id.</summary>
    public static RoutingId? Parse(string? text) =>
        text?.Trim(' ') is { Length: > 0 and <= MaxLength } trimmed && !trimmed.AsSpan().ContainsAnyExceptInRange(' ', '~') && !trimmed.Contains(',')
            ? new RoutingId(trimmed)
            : null;

    /// <summary>Uses the customer id as routing id, as Juspay recommends. Every customer id is a valid routing id.</summary>
    public static RoutingId Of(CustomerId customerId) => new(customerId.Value);
}

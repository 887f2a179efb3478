using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>
/// The value of <c>x-routing-id</c>: the customer id, or another id that is the same in all calls about that customer. 1 to 128 printable ASCII
/// characters without a comma, because a header that was sent twice arrives joined by a comma.
/// </summary>
internal sealed class RoutingId
{
    public const int MaxLength = 128;

    private RoutingId(string value) => Value = value;

    /// <summary>The whole id, for Juspay. Logs show <see cref="ToString"/>.</summary>
    public string Value { get; }

    /// <summary>Returns the id without surrounding blanks, or null if the text is not a routing id.</summary>
    public static RoutingId? Parse(string? text) =>
        text?.Trim(' ') is { Length: > 0 and <= MaxLength } trimmed && !trimmed.AsSpan().ContainsAnyExceptInRange(' ', '~') && !trimmed.Contains(',')
            ? new RoutingId(trimmed)
            : null;

    /// <summary>Uses the customer id as routing id, as Juspay recommends. Every customer id is a valid routing id.</summary>
    public static RoutingId Of(CustomerId customerId) => new(customerId.Value);

    public override string ToString() => LogText.MaskId(Value);
}

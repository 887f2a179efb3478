namespace WalletFunctions.Juspay;

/// <summary>
/// The value of <c>x-routing-id</c>: the customer's id, or another id that stays the same for that customer in all calls. 1 to 128
/// printable ASCII characters. A comma is refused, since a header sent twice arrives joined by one.
/// </summary>
public sealed class RoutingId
{
    /// <summary>The longest id accepted, in characters.</summary>
    public const int MaxLength = 128;

    private RoutingId(string value) => Value = value;

    /// <summary>The whole id, for Juspay; never for a log.</summary>
    public string Value { get; }

    /// <summary>The id, or null where <paramref name="text"/> is not one.</summary>
    public static RoutingId? Parse(string? text) =>
        text?.Trim(' ') is { Length: > 0 and <= MaxLength } trimmed && !trimmed.AsSpan().ContainsAnyExceptInRange(' ', '~') && !trimmed.Contains(',')
            ? new RoutingId(trimmed)
            : null;

    /// <summary>The customer id as routing id, which is what Juspay recommends; every customer id can be one.</summary>
    public static RoutingId Of(CustomerId customerId) => new(customerId.Value);

    /// <summary>The id as a log may show it.</summary>
    public override string ToString() => Mask.Id(Value);
}

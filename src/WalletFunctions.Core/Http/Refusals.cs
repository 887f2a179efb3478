namespace WalletFunctions.Http;

/// <summary>What several endpoints say to the same mistake.</summary>
internal static class Refusals
{
    public static Problem UnknownMerchant { get; } = new(ProblemType.UnknownMerchant,
        "Use a function key that is named after a configured merchant, {name} or {name}--anything.");

    public static Problem WalletId { get; } = new(ProblemType.InvalidWalletId,
        $"The wallet id in the path must be 1 to {Juspay.WalletId.MaxLength} letters, digits, underscores and hyphens. "
        + "Example: /wallets/wlm_vNb87tTUvbb86bD");

    public static Problem CustomerId { get; } = new(ProblemType.InvalidCustomerId,
        $"The customer id in the path must be 1 to {Juspay.CustomerId.MaxLength} letters, digits and _ - . @ +, and not dots alone. "
        + "Example: /customers/customer_1122/delink");

    public static Problem RoutingId { get; } = new(ProblemType.InvalidRoutingId,
        $"Send the header x-routing-id once: 1 to {Juspay.RoutingId.MaxLength} printable ASCII characters without a comma. "
        + "Use the customer id, the same for every call about that customer.");
}

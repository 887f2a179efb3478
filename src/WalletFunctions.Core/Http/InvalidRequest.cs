using WalletFunctions.Juspay;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>Problems of a request that several endpoints report.</summary>
internal static class InvalidRequest
{
    public static Problem Merchant { get; } = new(ProblemType.UnknownMerchant,
        "Use a function key that is named after a configured merchant, {name} or {name}--anything.");

    public static Problem Wallet { get; } = new(ProblemType.InvalidWalletId,
        $"The wallet id in the path must be 1 to {WalletId.MaxLength} letters, digits, underscores and hyphens. "
        + "Example: /wallets/wlm_vNb87tTUvbb86bD");

    public static Problem Customer { get; } = new(ProblemType.InvalidCustomerId,
        $"The customer id in the path must be 1 to {CustomerId.MaxLength} letters, digits and _ - . @ +, and not dots alone. "
        + "Example: /customers/customer_1122/delink");

    public static Problem Routing { get; } = new(ProblemType.InvalidRoutingId,
        $"Send the header x-routing-id, or x-customerid as Juspay's SDKs do, once: 1 to {RoutingId.MaxLength} printable ASCII characters without a comma. "
        + "Use the customer id, the same for every call about that customer.");

    public static Problem RoutingsDiffer { get; } = new(ProblemType.InvalidRoutingId,
        "The headers x-routing-id and x-customerid differ. Send one of them, or the same customer id in both.");
}

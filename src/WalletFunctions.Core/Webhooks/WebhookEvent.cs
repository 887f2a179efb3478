using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using WalletFunctions.Juspay;
using WalletFunctions.Tools;

namespace WalletFunctions.Webhooks;

/// <summary>What a signed event asks for.</summary>
/// <param name="CustomerId">The customer; null for an event of another type, which is ignored.</param>
/// <param name="WalletId">The only wallet to delink; null delinks all wallets of the customer.</param>
internal sealed record WebhookEvent(CustomerId? CustomerId, WalletId? WalletId)
{
    /// <summary>
    /// Reads <c>{"type": …, "data": {"wallet_id": …, "customer_id": …}}</c>, the members that Standard Webhooks and CloudEvents 1.0 (structured) have
    /// in common. <paramref name="problem"/> ends the sentence "the event cannot be used: …".
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, WebhookOptions options, [NotNullWhen(true)] out WebhookEvent? read, [NotNullWhen(false)] out string? problem) =>
        StrictJson.TryRead(body, (JsonElement root, out string? why) => Read(root, options, out why), out read, out problem);

    private static WebhookEvent? Read(JsonElement root, WebhookOptions options, out string? problem)
    {
        problem = null;
        if (root.Text("type"u8) is not { Length: > 0 } type)
        {
            problem = "it is not a JSON object with a member type";
            return null;
        }

        if (!options.EventTypes.TryGetValue(type, out var scope))
        {
            return new WebhookEvent(CustomerId: null, WalletId: null);
        }

        var data = root.Member("data"u8);
        if (data.ValueKind is not JsonValueKind.Object)
        {
            problem = "it has no member data";
            return null;
        }

        if (CustomerId.Parse(data.Text("customer_id"u8)) is not { } customerId)
        {
            problem = "data.customer_id is missing or cannot be a customer id; Juspay needs it for a single wallet too, as routing id";
            return null;
        }

        // An event about one wallet never delinks all wallets, so it needs a wallet id.
        var walletId = scope is WebhookScope.Wallet ? WalletId.Parse(data.Text("wallet_id"u8)) : null;
        if (scope is WebhookScope.Wallet && walletId is null)
        {
            problem = "data.wallet_id is missing or cannot be a wallet id; to delink all wallets of the customer, send an event of a customer's type";
            return null;
        }

        return new WebhookEvent(customerId, walletId);
    }
}

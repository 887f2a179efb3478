using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using WalletFunctions.Juspay;

namespace WalletFunctions.Webhooks;

/// <summary>What a signed event comes to.</summary>
public abstract record WebhookEvent
{
    private WebhookEvent()
    {
    }

    /// <summary>All cases at once, so that none can be forgotten.</summary>
    public abstract TResult Match<TResult>(Func<Wallet, TResult> wallet, Func<Customer, TResult> customer, Func<Ignored, TResult> ignored);

    /// <summary>One wallet is to be delinked.</summary>
    public sealed record Wallet(WalletId WalletId, CustomerId CustomerId) : WebhookEvent
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Wallet, TResult> wallet, Func<Customer, TResult> customer, Func<Ignored, TResult> ignored) => wallet(this);
    }

    /// <summary>All wallets of a customer are to be delinked.</summary>
    public sealed record Customer(CustomerId CustomerId) : WebhookEvent
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Wallet, TResult> wallet, Func<Customer, TResult> customer, Func<Ignored, TResult> ignored) => customer(this);
    }

    /// <summary>An event of a type that does not concern us.</summary>
    public sealed record Ignored : WebhookEvent
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Wallet, TResult> wallet, Func<Customer, TResult> customer, Func<Ignored, TResult> ignored) => ignored(this);
    }

    /// <summary>
    /// Reads <c>{"type": …, "data": {"wallet_id": …, "customer_id": …}}</c>, the members that Standard Webhooks and CloudEvents 1.0
    /// (structured) have in common. <paramref name="problem"/> ends the sentence "the event cannot be used: …".
    /// </summary>
    internal static bool TryRead(
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
            return new Ignored();
        }

        if (!root.TryGetProperty("data"u8, out var data) || data.ValueKind is not JsonValueKind.Object)
        {
            problem = "it has no member data";
            return null;
        }

        if (CustomerId.Parse(data.Text("customer_id"u8)) is not { } customerId)
        {
            problem = "data.customer_id is missing or cannot be a customer id; Juspay needs it for a single wallet too, as routing id";
            return null;
        }

        if (scope is WebhookScope.Customer)
        {
            return new Customer(customerId);
        }

        // A request for one wallet never becomes one for all wallets.
        if (WalletId.Parse(data.Text("wallet_id"u8)) is not { } walletId)
        {
            problem = "data.wallet_id is missing or cannot be a wallet id; to delink all wallets of the customer, send an event of a customer's type";
            return null;
        }

        return new Wallet(walletId, customerId);
    }
}

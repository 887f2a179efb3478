namespace WalletFunctions.Webhooks;

/// <summary>What an event asks to delink.</summary>
internal enum WebhookScope
{
    /// <summary>The wallet <c>data.wallet_id</c> of the customer <c>data.customer_id</c>. Both are required.</summary>
    Wallet,
    /// <summary>All wallets of <c>data.customer_id</c>.</summary>
    Customer,
}

/// <summary>The settings under <c>Webhooks</c>.</summary>
internal sealed record WebhookOptions
{
    /// <summary>The known event types, compared without regard to case, as names of settings are. Configuration adds to these.</summary>
    public Dictionary<string, WebhookScope> EventTypes { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["wallet.delink_requested"] = WebhookScope.Wallet,
        ["customer.closed"] = WebhookScope.Customer,
        ["customer.consent_withdrawn"] = WebhookScope.Customer,
    };
}

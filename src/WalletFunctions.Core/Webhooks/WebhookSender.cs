namespace WalletFunctions.Webhooks;

/// <summary>What a sender requires before it sends events.</summary>
internal enum Handshake
{
    None,
    /// <summary>One GET, whose challenge is repeated. Source: https://developer.okta.com/docs/concepts/event-hooks/.</summary>
    Okta,
    /// <summary>
    /// An OPTIONS request for CloudEvents, and an event with a validation code for Event Grid's own schema. Sources:
    /// https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema and .../end-point-validation-event-grid-events-schema.
    /// </summary>
    EventGrid,
    /// <summary>An unsigned form with the webhook's number, which needs exactly 200. Source: class-wc-webhook.php of WooCommerce.</summary>
    WooCommerce,
}

/// <summary>How a sender signs its deliveries, where their events have what a delink needs, and which answer it expects.</summary>
internal sealed record WebhookSender
{
    public required SignatureScheme Scheme { get; init; }

    public EventFormat Format { get; init; } = new();

    public Handshake Handshake { get; init; }

    /// <summary>The status after success: 200, 202 or 204; null for 200 if the delink is done, and 202 if it is in the queue.</summary>
    public int? SuccessStatus { get; init; }

    /// <summary>
    /// The sender that the routes of the top level and of merchants expect: a system of the merchant that signs as Standard Webhooks describes and sends
    /// <c>{"type": …, "data": {"wallet_id": …, "customer_id": …}}</c>, the members that Standard Webhooks and CloudEvents 1.0 (structured) have in common.
    /// </summary>
    public static WebhookSender Own { get; } = new()
    {
        Scheme = SignatureScheme.Standard("webhook"),
        Format = new EventFormat
        {
            CustomerEvents = EventFormat.Types("customer.closed", "customer.consent_withdrawn"),
            WalletEvents = EventFormat.Types("wallet.delink_requested"),
            EventType = EventField.Parse("body:/type"),
            CustomerId = EventField.Parse("body:/data/customer_id"),
            WalletId = EventField.Parse("body:/data/wallet_id"),
        },
    };
}

namespace WalletFunctions.Webhooks;

/// <summary>The senders that are known by name.</summary>
internal static class SenderPresets
{
    /// <summary>What each known sender fixes. Everything about one sender is in its row, except its handshake.</summary>
    public static IReadOnlyDictionary<string, WebhookSender> ByName { get; } = new Dictionary<string, WebhookSender>(StringComparer.OrdinalIgnoreCase)
    {
        ["standard-webhooks"] = WebhookSender.Own,

        // https://docs.svix.com/receiving/verifying-payloads/how-manual. Clerk sends by Svix: the event user.deleted has the user in data.id.
        ["svix"] = new()
        {
            Scheme = SignatureScheme.Standard("svix"),
            Format = Events("body:/type", "body:/data/id", "user.deleted"),
        },

        // https://shopify.dev/docs/apps/build/webhooks/verify-deliveries and .../compliance/privacy-law-compliance
        ["shopify"] = new()
        {
            Scheme = BodyHmac("X-Shopify-Hmac-Sha256") with { IdHeader = "X-Shopify-Webhook-Id" },
            Format = Events("header:X-Shopify-Topic", "body:/customer/id body:/id", "customers/redact", "customers/delete"),
        },

        // class-wc-webhook.php of https://github.com/woocommerce/woocommerce
        ["woocommerce"] = new()
        {
            Scheme = BodyHmac("X-WC-Webhook-Signature") with { IdHeader = "X-WC-Webhook-Delivery-ID" },
            Format = Events("header:X-WC-Webhook-Topic", "body:/id", "customer.deleted"),
            Handshake = Handshake.WooCommerce,
        },

        // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
        ["github"] = new()
        {
            Scheme = BodyHmac("X-Hub-Signature-256") with { SignaturePrefix = "sha256=", Encoding = SignatureEncoding.Hex, IdHeader = "X-GitHub-Delivery" },
            Format = Events("header:X-GitHub-Event", customerId: null),
        },

        // https://docs.stripe.com/webhooks/signature. The secret is the whole text, with whsec_.
        ["stripe"] = new()
        {
            Scheme = TimestampedHmac("Stripe-Signature", "v1=", TimeSpan.FromSeconds(1)),
            Format = Events("body:/type", "body:/data/object/id", "customer.deleted"),
        },

        // https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
        ["hubspot"] = new()
        {
            Scheme = new SignatureScheme
            {
                SignatureHeader = "X-HubSpot-Signature-v3",
                SignedContent = SignedContent.Parse("{method}{url}{body}{timestamp}"),
                TimestampHeader = "X-HubSpot-Request-Timestamp",
                TimestampUnit = TimeSpan.FromMilliseconds(1),
            },
            Format = Events("body:/subscriptionType", "body:/objectId", "contact.privacyDeletion", "contact.deletion") with { Items = EventField.Parse("body:") },
        },

        // https://www.zoho.com/in/payments/developerdocs/webhooks/verification
        ["zoho-payments"] = new()
        {
            Scheme = TimestampedHmac("X-Zoho-Webhook-Signature", "v=", TimeSpan.FromMilliseconds(1)),
            Format = Events("body:/event_type", customerId: null),
        },

        // https://developer.okta.com/docs/concepts/event-hooks/
        ["okta"] = new()
        {
            Scheme = new SignatureScheme { SignatureHeader = "Authorization" },
            Format = Events("body:/eventType", "body:/target/0/id", "user.lifecycle.delete.initiated") with { Items = EventField.Parse("body:/data/events") },
            Handshake = Handshake.Okta,
            SuccessStatus = 204,
        },

        // https://auth0.com/docs/customize/events
        ["auth0"] = new()
        {
            Scheme = new SignatureScheme { SignatureHeader = "Authorization", SignaturePrefix = "Bearer" },
            Format = Events("body:/type", "body:/data/object/user_id", "user.deleted"),
        },

        // https://learn.microsoft.com/azure/event-grid/delivery-properties: a static header is the token.
        ["event-grid"] = new()
        {
            Scheme = new SignatureScheme { SignatureHeader = "Authorization" },
            Format = Events("body:/eventType body:/type", "body:/data/customer_id body:/subject") with { Items = EventField.Parse("body:") },
            Handshake = Handshake.EventGrid,
        },

        // For senders that only send a fixed header and a body that their administrator writes, such as Zoho CRM, Freshdesk and Salesforce Flow.
        ["token"] = new()
        {
            Scheme = new SignatureScheme { SignatureHeader = "Authorization" },
            Format = WebhookSender.Own.Format,
        },
    };

    private static SignatureScheme BodyHmac(string header) => new() { SignatureHeader = header, SignedContent = SignedContent.Parse("{body}") };

    private static SignatureScheme TimestampedHmac(string header, string prefix, TimeSpan unit) => new()
    {
        SignatureHeader = header,
        SignaturePrefix = prefix,
        Encoding = SignatureEncoding.Hex,
        SignedContent = SignedContent.Parse("{timestamp}.{body}"),
        TimestampHeader = header,
        TimestampUnit = unit,
    };

    private static EventFormat Events(string eventType, string? customerId, params IEnumerable<string> customerEvents) => new()
    {
        EventType = EventField.Parse(eventType),
        CustomerId = customerId is null ? null : EventField.Parse(customerId),
        CustomerEvents = EventFormat.Types(customerEvents),
    };
}

using WalletFunctions.KeyVault;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Merchants;

/// <summary>A route for webhooks.</summary>
/// <param name="Name">The name in the path: a sender's or a merchant's; null for the route without a name.</param>
/// <param name="Sender">How the deliveries are signed and read.</param>
/// <param name="Merchant">Whose account the events are for.</param>
/// <param name="Secrets">The secrets that sign the deliveries, read when the first one arrives.</param>
internal sealed record WebhookRoute(string? Name, WebhookSender Sender, Merchant Merchant, CachedSecret<WebhookSecrets> Secrets)
{
    /// <summary>Whether the route is a configured sender's, and not the top level's or a merchant's.</summary>
    public bool IsOfSender => Name != Merchant.Name && Name is not null;
}

/// <summary>Finds the route of a path.</summary>
internal sealed class WebhookRoutes(IReadOnlyList<WebhookRoute> routes)
{
    public IReadOnlyList<WebhookRoute> All => routes;

    /// <summary>Returns the route of a name, or of the path without one; null if there is none.</summary>
    public WebhookRoute? Find(string? name) => routes.FirstOrDefault(route => string.Equals(route.Name, name, StringComparison.OrdinalIgnoreCase));
}

using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;
using WalletFunctions.Tools;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Merchants;

/// <summary>
/// A merchant account at Juspay and everything that acts for it. Merchants share only connections.
/// </summary>
/// <param name="Name">The name under <c>Merchants</c>; null for the top-level settings.</param>
/// <param name="ApiKey">The Juspay API key.</param>
/// <param name="Wallets">Delinks one wallet.</param>
/// <param name="Customers">Delinks all wallets of a customer.</param>
internal sealed record Merchant(string? Name, CachedSecret<JuspayApiKey> ApiKey, WalletDelinker Wallets, CustomerDelinker Customers)
{
    /// <summary>Delinks what an event asks for. Returns a result in each case, also after cancellation.</summary>
    /// <param name="webhook">The event.</param>
    /// <param name="entry">The event's audit entry, which is filled.</param>
    /// <param name="caller">Cancelled when the sender disconnects.</param>
    /// <param name="within">The limit of several events that this one is a part of, if any. It is cancelled together with the caller.</param>
    public async Task<EventResult> DelinkAsync(WebhookEvent webhook, AuditEntry entry, CancellationToken caller, TimeLimit? within = null)
    {
        var routingId = RoutingId.Of(webhook.CustomerId);
        (entry.CustomerId, entry.WalletId, entry.RoutingId) = (webhook.CustomerId, webhook.WalletId, routingId);
        if (webhook.WalletId is { } walletId)
        {
            var wallet = await Wallets.DelinkAsync(new WalletRequest(walletId, routingId, entry.TraceId), entry.Trail, caller, within);
            return new EventResult(wallet.Problem, Wallets: null);
        }

        var customer = await Customers.DelinkAsync(new CustomerRequest(webhook.CustomerId, routingId, entry.TraceId), entry, caller, within);
        return customer.Match(
            done: wallets => new EventResult(wallets.Failed > 0 ? wallets.Partial : null, wallets),
            failed: problem => new EventResult(problem, Wallets: null));
    }
}

/// <summary>The end of an event's delink.</summary>
/// <param name="Problem">Why something is left to do, or why there was nothing to delink; null if it is done.</param>
/// <param name="Wallets">The customer's wallets, if they were listed.</param>
internal sealed record EventResult(Problem? Problem, CustomerWallets? Wallets)
{
    /// <summary>Whether Juspay does not know what the event names. Repeating the event cannot change this.</summary>
    public bool IsNothingToDelink => Problem?.Type == ProblemType.WalletNotFound || Problem?.Type == ProblemType.CustomerNotFound;

    /// <summary>The outcome for the audit record.</summary>
    public string Outcome => IsNothingToDelink ? "nothing_to_delink" : Problem?.Type.Code ?? AuditEntry.Delinked;
}

/// <summary>Finds the merchant of a function key. A request cannot name a merchant in another way.</summary>
/// <param name="topLevel">The merchant of the top-level settings.</param>
/// <param name="named">The merchants under <c>Merchants</c>.</param>
/// <param name="requireMatch">Whether a function key must name one of them.</param>
internal sealed class MerchantDirectory(Merchant topLevel, IEnumerable<Merchant> named, bool requireMatch)
{
    private const string KeySeparator = "--";

    private readonly Dictionary<string, Merchant> _named = named.ToDictionary(merchant => merchant.Name!, StringComparer.OrdinalIgnoreCase);

    /// <summary>All merchants that a request can reach.</summary>
    public IEnumerable<Merchant> All => requireMatch ? _named.Values : _named.Values.Prepend(topLevel);

    /// <summary>
    /// Returns the merchant of a function key: a key named <c>{name}</c> or <c>{name}--anything</c> belongs to that merchant, any other to the top level.
    /// Null if a match is required and there is none.
    /// </summary>
    public Merchant? ForCaller(string? keyName) =>
        _named.GetValueOrDefault(NameIn(keyName ?? "")) ?? (requireMatch ? null : topLevel);

    /// <summary>
    /// Returns the merchant of a name in the settings, or the top level without a name; null if there is none of that name, or no top level.
    /// </summary>
    public Merchant? Find(string? name) => name is not null ? _named.GetValueOrDefault(name) : requireMatch ? null : topLevel;

    private static string NameIn(string keyName) =>
        keyName.IndexOf(KeySeparator, StringComparison.Ordinal) is >= 0 and var end ? keyName[..end] : keyName;
}

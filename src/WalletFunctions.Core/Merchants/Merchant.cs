using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Secrets;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Merchants;

/// <summary>
/// A merchant account at Juspay and everything that acts for it. Nothing is shared with another merchant but the transport, so that one's
/// broken key is nobody else's trouble.
/// </summary>
/// <param name="Name">The name under <c>Merchants</c>; null for the top-level settings.</param>
/// <param name="ApiKey">Its Juspay API key.</param>
/// <param name="WebhookSecrets">The secrets that its webhooks are signed with, read when the first webhook arrives; null if it has no webhook route.</param>
/// <param name="Wallets">Delinks one wallet.</param>
/// <param name="Customers">Delinks a customer's wallets.</param>
public sealed record Merchant(
    string? Name, CachedSecret<JuspayApiKey> ApiKey, CachedSecret<WebhookSecrets>? WebhookSecrets, WalletDelinker Wallets, CustomerDelinker Customers);

/// <summary>Who is meant by a function key or by a webhook's path. A request can never name a merchant otherwise.</summary>
public sealed class MerchantDirectory
{
    private const string KeySeparator = "--";

    private readonly Merchant _topLevel;
    private readonly Dictionary<string, Merchant> _named;
    private readonly bool _requireMatch;

    /// <param name="topLevel">The merchant of the top-level settings.</param>
    /// <param name="named">The merchants under <c>Merchants</c>.</param>
    /// <param name="requireMatch">Whether a function key must name one of them.</param>
    public MerchantDirectory(Merchant topLevel, IEnumerable<Merchant> named, bool requireMatch)
    {
        _topLevel = topLevel;
        _named = named.ToDictionary(merchant => merchant.Name!, StringComparer.OrdinalIgnoreCase);
        _requireMatch = requireMatch;
    }

    /// <summary>All that may be asked for.</summary>
    public IEnumerable<Merchant> All => _requireMatch ? _named.Values : _named.Values.Prepend(_topLevel);

    /// <summary>
    /// The merchant of a function key: a key named <c>{name}</c> or <c>{name}--anything</c> is that merchant's, any other the top level's;
    /// null where a match is required and there is none.
    /// </summary>
    public Merchant? ForCaller(string? keyName) =>
        _named.GetValueOrDefault(NameIn(keyName ?? "")) ?? (_requireMatch ? null : _topLevel);

    /// <summary>
    /// The merchant of a webhook's path; null where there is none of that name, and where it has no signing secret. Without a name it is the top level's,
    /// unless a match is required.
    /// </summary>
    public Merchant? ForWebhook(string? name) =>
        name is null ? (_requireMatch ? null : _topLevel) : _named.GetValueOrDefault(name) is { WebhookSecrets: not null } merchant ? merchant : null;

    /// <summary>The signing secrets of any merchant that has a webhook route; null if none has. Unknown names are checked against them.</summary>
    public CachedSecret<WebhookSecrets>? AnyWebhookSecrets => All.Select(merchant => merchant.WebhookSecrets).FirstOrDefault(secrets => secrets is not null);

    private static string NameIn(string keyName) =>
        keyName.IndexOf(KeySeparator, StringComparison.Ordinal) is >= 0 and var end ? keyName[..end] : keyName;
}

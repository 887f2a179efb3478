using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;

namespace WalletFunctions.Merchants;

/// <summary>
/// A merchant account at Juspay and everything that acts for it. Merchants share only connections.
/// </summary>
/// <param name="Name">The name under <c>Merchants</c>; null for the top-level settings.</param>
/// <param name="ApiKey">The Juspay API key.</param>
/// <param name="Wallets">Delinks one wallet.</param>
/// <param name="Customers">Delinks all wallets of a customer.</param>
internal sealed record Merchant(string? Name, CachedSecret<JuspayApiKey> ApiKey, WalletDelinker Wallets, CustomerDelinker Customers);

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

    /// <summary>Returns the merchant of a name in the settings; null is the top level.</summary>
    public Merchant Named(string? name) => name is null ? topLevel : _named[name];

    private static string NameIn(string keyName) =>
        keyName.IndexOf(KeySeparator, StringComparison.Ordinal) is >= 0 and var end ? keyName[..end] : keyName;
}

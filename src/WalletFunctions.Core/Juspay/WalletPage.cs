using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>A wallet in a list. Other members of the entry, such as tokens, are not kept.</summary>
/// <param name="Id">The wallet.</param>
/// <param name="Provider">Juspay's <c>wallet</c>, such as <c>PAYTM</c>; at most 64 characters.</param>
/// <param name="Linked">Whether Juspay says that the wallet is linked.</param>
internal sealed record ListedWallet(WalletId Id, string? Provider, bool Linked);

/// <summary>One page of a customer's wallets.</summary>
/// <param name="Wallets">The wallets, in Juspay's order.</param>
/// <param name="Total">
/// Juspay's count of the customer's wallets on all pages: a whole number, at least 0; null if Juspay sends no such number.
/// </param>
internal sealed record WalletPage(IReadOnlyList<ListedWallet> Wallets, decimal? Total)
{
    /// <summary>
    /// Reads Juspay's answer without exceptions. A page with one unreadable wallet is refused as a whole, because delinking all wallets must not
    /// omit one.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, JuspayApiKey apiKey, [NotNullWhen(true)] out WalletPage? page, [NotNullWhen(false)] out string? problem) =>
        StrictJson.TryRead(body, (JsonElement root, out string? why) => Read(root, apiKey, out why), out page, out problem);

    private static WalletPage? Read(JsonElement root, JuspayApiKey apiKey, out string? problem)
    {
        var list = root.Member("list"u8);
        if (list.ValueKind is not JsonValueKind.Array)
        {
            problem = "it has no list of wallets";
            return null;
        }

        var wallets = new List<ListedWallet>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (!WalletAccount.TryReadState(item, out var id, out var linked, out problem))
            {
                problem += ", in an entry of the list";
                return null;
            }

            if (WalletId.Parse(apiKey.Redact(id)) is not { } walletId)
            {
                problem = "it has an entry whose id cannot be a wallet's";
                return null;
            }

            wallets.Add(new ListedWallet(walletId, item.Text("wallet"u8) is { } provider ? apiKey.Clean(provider, 64) : null, linked));
        }

        problem = null;
        return new WalletPage(wallets, TotalOf(root.Member("total"u8)));
    }

    /// <summary>Juspay writes some numbers as text in other fields, so both forms are read here, and a fraction of zero is allowed.</summary>
    private static decimal? TotalOf(JsonElement element)
    {
        var number = element.ValueKind switch
        {
            JsonValueKind.Number when element.TryGetDecimal(out var value) => value,
            JsonValueKind.String when decimal.TryParse(element.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
            _ => -1,
        };
        return number >= 0 && decimal.IsInteger(number) ? number : null;
    }
}

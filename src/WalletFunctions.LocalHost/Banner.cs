namespace WalletFunctions.LocalHost;

/// <summary>Writes the text that the local host prints when it has started.</summary>
internal static class Banner
{
    public static async Task<string> ForAsync(LocalHostApp host)
    {
        var url = host.BaseAddress.AbsoluteUri.TrimEnd('/');
        var callers = host.Services.GetRequiredService<CallerMerchants>();
        await callers.ReadApiKeysAsync();
        var (_, key, merchant) = callers.All is [var one, ..] ? one : new Caller("", "{function_key}", null);
        var wallets = host.Simulation.Juspay?.Wallets.Where(wallet => wallet.Merchant == merchant).ToArray() ?? [];
        var (wallet, customer) = wallets is [var first, ..] ? (first.Id, first.CustomerId) : ("{wallet_id}", "{customer_id}");
        var juspay = host.Simulation.Juspay is null
            ? $"REAL, at {host.JuspayUrl}: wallets will be delinked"
            : $"simulated, with {wallets.Length} linked wallets of {customer}" + (merchant is null ? "" : $" at {merchant}");
        var vault = host.Simulation.KeyVault is null
            ? "real, from KeyVault:Uri, with your own Azure sign-in"
            : "simulated, with a managed identity";
        var names = string.Join(", ", host.Keys.All.Select(caller => $"\"{caller.Name}\" = {caller.Value}"));
        IEnumerable<string> notes = [.. await callers.NotesAsync(), .. host.Keys.Replaced is { } replaced ? [replaced] : Array.Empty<string>()];
        var closed = (merchant is null ? "{" : $"{{\"merchant\":\"{merchant}\",")
            + $"\"type\":\"customer.closed\",\"data\":{{\"customer_id\":\"{customer}\"}}}}";
        return $"""

            WalletFunctions {ProductVersion.Text}, local host at {url}

              Juspay     {juspay}
              Key Vault  {vault}
              Callers    function key {names}
            {string.Concat(notes.Select(note => $"\n  ! {note}\n"))}
            Delink a wallet:

              curl -X POST {url}/wallets/{wallet} \
                -H 'x-functions-key: {key}' \
                -H 'x-routing-id: {customer}' \
                -d 'command=delink'

            Send a signed webhook that closes the customer, and show the answer:

              curl {url}/_simulator/webhooks -d '{closed}'

            Show the wallets and the requests that reached Juspay:

              curl {url}/_simulator

            The same in a browser, and the reference of all routes:

              {url}/    {url}/docs

            Press Ctrl+C to stop.

            """;
    }
}

using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.LocalHost;

/// <summary>What somebody who has just started the local host wants to know.</summary>
internal static class Banner
{
    public static string For(LocalHostApp host)
    {
        var url = host.BaseAddress.AbsoluteUri.TrimEnd('/');
        var (_, key) = host.Keys.All.First();
        var juspay = host.Simulation.Juspay is { } simulated
            ? $"simulated, with {simulated.Wallets.Count} linked wallets of {SimulatedJuspay.Customer}"
            : "REAL, as configured in Juspay:BaseUrl: wallets will be delinked";
        var vault = host.Simulation.KeyVault is not null
            ? "simulated, with a managed identity"
            : "real, as configured in KeyVault:Uri, with your own sign-in";
        var wallet = host.Simulation.Juspay?.Wallets[0].Id ?? "{wallet_id}";
        var closed = $$$"""{"type":"customer.closed","data":{"customer_id":"{{{SimulatedJuspay.Customer}}}"}}""";
        var callers = string.Join(", ", host.Keys.All.Select(caller => $"\"{caller.Name}\" = {caller.Value}"));
        return $"""

            WalletFunctions {ProductVersion.Text}, local host at {url}

              Juspay     {juspay}
              Key Vault  {vault}
              Callers    function key {callers}

            Delink a wallet:

              curl -X POST {url}/wallets/{wallet} \
                -H 'x-functions-key: {key}' \
                -H 'x-routing-id: {SimulatedJuspay.Customer}' \
                -d 'command=delink'

            Send a signed webhook that closes the customer, and see the answer:

              curl {url}/_simulator/webhooks -d '{closed}'

            See the wallets and what reached Juspay:

              curl {url}/_simulator

            Ctrl+C stops it.

            """;
    }
}

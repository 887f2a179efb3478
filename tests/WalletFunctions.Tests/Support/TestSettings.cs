using Microsoft.Extensions.Configuration;

namespace WalletFunctions.Tests.Support;

/// <summary>Reads settings as the app does at its start.</summary>
internal static class TestSettings
{
    /// <summary>Reads these settings and the two that are required, which these may replace.</summary>
    public static Settings Read(params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Juspay:BaseUrl"] = "https://sandbox.juspay.in",
            ["KeyVault:Uri"] = "https://my-vault.vault.azure.net",
        };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}

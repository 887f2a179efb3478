using System.Text.Json;
using System.Text.Json.Serialization;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Merchants;

namespace WalletFunctions.LocalHost;

/// <summary>A function key and the merchant that it acts for; null for the top-level settings.</summary>
internal sealed record Caller(string Name, string Key, string? Merchant);

/// <summary>Which function key acts for which merchant, and what keeps a merchant from being called. The banner and the page show it.</summary>
internal sealed class CallerMerchants(FunctionKeys keys, MerchantDirectory merchants, Simulation simulation)
{
    /// <summary>The function keys that act for a merchant, in the order of the configuration.</summary>
    public IReadOnlyList<Caller> All { get; } =
        [.. from key in keys.All let merchant = merchants.ForCaller(key.Name) where merchant is not null select new Caller(key.Name, key.Value, merchant.Name)];

    public string ToJson() => JsonSerializer.Serialize(All, CallerJson.Default.IReadOnlyListCaller);

    /// <summary>Waits until every API key was read or could not be read.</summary>
    public Task ReadApiKeysAsync() => Task.WhenAll(merchants.All.Select(merchant => merchant.ApiKey.GetAsync(CancellationToken.None).AsTask()));

    /// <summary>What keeps a merchant from being called: an API key that is missing, or no function key. This method does not wait for the vault.</summary>
    public async Task<IReadOnlyList<string>> NotesAsync()
    {
        var notes = new List<string>();
        foreach (var merchant in merchants.All.Where(merchant => merchant.ApiKey.InMemory is null))
        {
            if (await WhyAsync(merchant) is { } why)
            {
                notes.Add($"No Juspay API key{For(merchant.Name)}. {why}");
            }
        }

        return [.. notes, .. WithoutFunctionKey()];
    }

    /// <summary>Returns why a merchant has no API key; null if it was read meanwhile.</summary>
    private async Task<string?> WhyAsync(Merchant merchant)
    {
        if (simulation.Juspay is null && simulation.KeyVault is not null)
        {
            return "Juspay is real, and the simulated vault has no key for it. "
                + (merchant.Name is null ? $"Set {LocalHostSettings.JuspayApiKey}, and start again." : "Use a real vault, or store the key with POST /_simulator/secret.");
        }

        var reading = merchant.ApiKey.GetAsync(CancellationToken.None).AsTask();
        return reading.IsCompleted ? (await reading).Match<string?>(_ => null, unavailable => unavailable.Detail) : "The app is still reading it.";
    }

    private IEnumerable<string> WithoutFunctionKey() =>
        from merchant in merchants.All
        where merchant.Name is not null && All.All(caller => caller.Merchant != merchant.Name)
        select $"No function key{For(merchant.Name)}. Add one: --{LocalHostSettings.FunctionKeys}:{merchant.Name}={merchant.Name}-key";

    private static string For(string? merchant) => merchant is null ? "" : $" for {merchant}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<Caller>))]
internal sealed partial class CallerJson : JsonSerializerContext;

using WalletFunctions.LocalHost;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>What the banner says about settings that keep a call from succeeding.</summary>
public sealed class BannerTests
{
    [Fact]
    public async Task Banner_AtTheDefaults_HasNoNote() => Assert.Empty(await NotesAsync());

    [Fact]
    public async Task Banner_RealJuspayWithoutAnApiKey_SaysSo()
    {
        await using var host = await LocalHostApp.StartAsync(["--urls", "http://127.0.0.1:0", "--Juspay:BaseUrl=http://127.0.0.1:1", "--Logging:LogLevel:Default=None"]);

        var banner = await Banner.ForAsync(host);

        Assert.Contains("Juspay     REAL, at http://127.0.0.1:1: wallets will be delinked", banner, StringComparison.Ordinal);
        Assert.Contains("! No Juspay API key. Juspay is real, and the simulated vault has no key for it. Set LocalHost:JuspayApiKey, and start again.", banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Banner_RealJuspayWithAnApiKey_HasNoNote() =>
        Assert.Empty(await NotesAsync("--Juspay:BaseUrl=http://127.0.0.1:1", "--LocalHost:JuspayApiKey=a-key-of-mine"));

    [Fact]
    public async Task Banner_MerchantWithoutAFunctionKey_NamesTheSetting() => Assert.Equal(
        ["No function key for shop_b. Add one: --LocalHost:FunctionKeys:shop_b=shop_b-key"],
        await NotesAsync(
            "--Merchants:shop_a:MerchantId=A", "--Merchants:shop_b:MerchantId=B", "--LocalHost:FunctionKeys:SHOP_A--crm=key-a", "--LocalHost:FunctionKeys:x=local-key"));

    [Fact]
    public async Task Banner_DefaultKeyThatOthersReplace_SaysSo()
    {
        Assert.Equal(
            ["The function key \"default\" = local-key is not valid, because LocalHost:FunctionKeys has others. To keep it, add --LocalHost:FunctionKeys:default=local-key"],
            await NotesAsync("--LocalHost:FunctionKeys:crm=key-of-the-crm"));
        Assert.Empty(await NotesAsync("--LocalHost:FunctionKeys:crm=key-of-the-crm", "--LocalHost:FunctionKeys:default=local-key"));
    }

    /// <summary>The first command of the banner works for the merchant whose key it has.</summary>
    [Fact]
    public async Task Banner_RequiredMerchants_ShowsAKeyThatActsForOne()
    {
        await using var host = await LocalHostApp.StartAsync(
        [
            "--urls", "http://127.0.0.1:0", "--Merchants:RequireMatch=true", "--Merchants:shop_a:MerchantId=A", "--LocalHost:FunctionKeys:admin=admin-key",
            "--LocalHost:FunctionKeys:shop_a=key-a", "--Logging:LogLevel:Default=None",
        ]);

        Assert.Matches("/wallets/wlm_shop_a_0000000001 \\\\\\s+-H 'x-functions-key: key-a'", await Banner.ForAsync(host));
    }

    private static async Task<string[]> NotesAsync(params string[] settings)
    {
        await using var host = await LocalHostApp.StartAsync(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. settings]);
        return [.. from line in (await Banner.ForAsync(host)).Split('\n') where line.StartsWith("  ! ", StringComparison.Ordinal) select line["  ! ".Length..]];
    }
}

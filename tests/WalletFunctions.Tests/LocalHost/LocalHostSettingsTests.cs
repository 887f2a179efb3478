using WalletFunctions.LocalHost;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The local host's own settings, which stop its start if they cannot be used.</summary>
public sealed class LocalHostSettingsTests
{
    [Theory]
    [InlineData("--LocalHost:Tracs=true", "LocalHost:Tracs is not a setting. Known under LocalHost: FunctionKeys, JuspayApiKey, Traces")]
    [InlineData("--LocalHost:FunctionKey:shop=k3y-v4lue", "LocalHost:FunctionKey is not a setting. Known under LocalHost: FunctionKeys, JuspayApiKey, Traces")]
    [InlineData("--LocalHost:Traces=k3y-v4lue", "LocalHost:Traces must be true or false. Example: true")]
    [InlineData("--LocalHost:FunctionKeys=k3y-v4lue", "LocalHost:FunctionKeys must have a name for each key. Example: LocalHost:FunctionKeys:shop_a = key-a")]
    [InlineData("--LocalHost:FunctionKeys:shop=", "LocalHost:FunctionKeys:shop must be the value of a function key. Example: key-a")]
    [InlineData("--LocalHost:FunctionKeys:shop:name=k3y-v4lue", "LocalHost:FunctionKeys:shop must be the value of a function key. Example: key-a")]
    public async Task Setting_ThatCannotBeUsed_StopsTheStartWithoutItsValue(string argument, string problem)
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => LocalHostApp.StartAsync(["--urls", "http://127.0.0.1:0", argument]));

        Assert.Equal([problem], refused.Problems);
        Assert.DoesNotContain("k3y-v4lue", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7072")]
    [InlineData(":7072")]
    [InlineData("localhost:7072")]
    [InlineData("https://localhost:7072")]
    [InlineData("http://localhost:99999")]
    [InlineData("http://localhost:70x")]
    [InlineData("http://localhost:7072/base")]
    [InlineData("http://another-machine:7072")]
    [InlineData("http://127.0.0.1:0;http://localhost:99999")]
    [InlineData("http://127.0.0.1:0; http://127.0.0.2:0")]
    public async Task Urls_ThatCannotBeUsed_StopTheStartWithOneSentence(string urls)
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => LocalHostApp.StartAsync(["--urls", urls]));

        Assert.Equal(
            ["urls must be http addresses of this machine, separated by semicolons: localhost, an IP address or *, and a port. Example: http://localhost:7072"], refused.Problems);
    }

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://+:0/")]
    [InlineData("http://127.0.0.1:0;http://127.0.0.1:0;")]
    public async Task Urls_OfThisMachine_AreAccepted(string urls)
    {
        await using var host = await LocalHostApp.StartAsync(["--urls", urls, "--Logging:LogLevel:Default=None"]);

        Assert.NotEqual(0, host.BaseAddress.Port);
    }

    [Fact]
    public async Task Settings_OfTheLocalHostAndOfCore_AreNamedAtOnce()
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(() => LocalHostApp.StartAsync(
            ["--urls", "http://127.0.0.1:0", "--LocalHost:Tracs=true", "--LocalHost:FunctionKey=x", "--Juspay:MaxAttempts=none"]));

        Assert.Equal(
            ["LocalHost:FunctionKey", "LocalHost:Tracs", "Juspay:MaxAttempts"], refused.Problems.Select(problem => problem.Split(' ')[0]));
    }

    [Fact]
    public async Task Settings_ThatAreKnown_AreAccepted()
    {
        await using var host = await LocalHostApp.StartAsync(
            ["--urls", "http://127.0.0.1:0", "--LocalHost:Traces=true", "--LocalHost:JuspayApiKey=a-key-of-mine", "--LocalHost:FunctionKeys:shop_a=key-a"]);

        Assert.Equal(("a-key-of-mine", ("shop_a", "key-a")), (host.Simulation.ApiKey, Assert.Single(host.Keys.All)));
    }
}

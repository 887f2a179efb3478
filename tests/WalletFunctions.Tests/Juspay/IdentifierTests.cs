using WalletFunctions.Juspay;

namespace WalletFunctions.Tests.Juspay;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("wlm_vNb87tTUvbb86bD")]
    [InlineData("wlt_q23xzki3pazgtezo")]
    [InlineData("a")]
    [InlineData("A-z_0-9")]
    public void WalletId_Parse_TakesJuspaysIds(string text) => Assert.Equal(text, WalletId.Parse(text)!.Value);

    [Fact]
    public void WalletId_Parse_TakesExactlyTheLongest()
    {
        Assert.NotNull(WalletId.Parse(new string('w', 128)));
        Assert.Null(WalletId.Parse(new string('w', 129)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("..%2Forders")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("wlm_é")]
    [InlineData("wlm_\u0660")]
    [InlineData("wlm?x=1")]
    [InlineData("wlm#x")]
    public void WalletId_Parse_RefusesAllElse(string? text) => Assert.Null(WalletId.Parse(text));

    [Theory]
    [InlineData("customer_1122", "customer_1122")]
    [InlineData("  spaces around  ", "spaces around")]
    [InlineData("a@b.example+c", "a@b.example+c")]
    public void RoutingId_Parse_TakesPrintableAscii(string text, string value) => Assert.Equal(value, RoutingId.Parse(text)!.Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("one,two")]
    [InlineData("tab\there")]
    [InlineData("line\r\nx-evil: 1")]
    [InlineData("é")]
    public void RoutingId_Parse_RefusesAllElse(string? text) => Assert.Null(RoutingId.Parse(text));

    [Fact]
    public void RoutingId_Parse_TakesExactlyTheLongest()
    {
        Assert.NotNull(RoutingId.Parse(new string('c', 128)));
        Assert.Null(RoutingId.Parse(new string('c', 129)));
    }

    [Theory]
    [InlineData("wlm_vNb87tTUvbb86bD", "wlm_…86bD")]
    [InlineData("customer", "cu…er")]
    [InlineData("abc", "…")]
    public void ToString_ShowsAtMostHalfOfAnId(string id, string shown)
    {
        Assert.Equal(shown, WalletId.Parse(id)!.ToString());
        Assert.Equal(shown, RoutingId.Parse(id)!.ToString());
    }

    [Theory]
    [InlineData("sk_live_0123456789")]
    [InlineData("sk_live_0123456789\n")]
    [InlineData("\t sk_live_0123456789 \r\n")]
    public void ApiKey_TryParse_DropsWhiteSpaceAround(string stored)
    {
        Assert.True(JuspayApiKey.TryParse(stored, out var key, out _));
        Assert.True(JuspayApiKey.TryParse("sk_live_0123456789", out var same, out _));

        Assert.Equal(same, key);
        Assert.Equal("Basic c2tfbGl2ZV8wMTIzNDU2Nzg5Og==", key.Authorization.ToString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n", "empty")]
    [InlineData("sk_live:", "colon")]
    [InlineData("user:sk_live", "colon")]
    [InlineData("sk_live\nsk_other", "control character")]
    [InlineData("sk live", "space")]
    [InlineData("sk_live_é", "not ASCII")]
    [InlineData("\"sk\u201d", "not ASCII")]
    public void ApiKey_TryParse_SaysWhyWithoutTheValue(string stored, string problem)
    {
        Assert.False(JuspayApiKey.TryParse(stored, out var key, out var why));

        Assert.Null(key);
        Assert.Contains(problem, why, StringComparison.Ordinal);
        Assert.DoesNotContain("live", why, StringComparison.Ordinal);
    }

    [Fact]
    public void ApiKey_TryParse_RefusesAWholeFile() => Assert.False(JuspayApiKey.TryParse(new string('k', 1025), out _, out _));

    [Fact]
    public void ApiKey_ToString_ShowsNothing()
    {
        Assert.True(JuspayApiKey.TryParse("sk_live_0123456789", out var key, out _));
        Assert.Equal("***", $"{key}");
    }
}

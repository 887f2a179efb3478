using System.Diagnostics;
using System.Text;
using WalletFunctions.Juspay;

namespace WalletFunctions.Tests.Juspay;

public sealed class WalletPageTests
{
    private static readonly JuspayApiKey ApiKey = JuspayApiKey.TryParse("a-key_of-32-characters_or_so", out var key, out _) ? key : throw new UnreachableException();

    [Theory]
    [InlineData("{}", "it has no list of wallets")]
    [InlineData("""{"list":{}}""", "it has no list of wallets")]
    [InlineData("""{"list":[7]}""", "it is not a JSON object, in an entry of the list")]
    [InlineData("""{"list":[{"linked":true}]}""", "it has no wallet id, in an entry of the list")]
    [InlineData("""{"list":[{"id":"wlt_1","linked":true},{"id":"wlt_2"}]}""", "it does not say whether the wallet is linked, in an entry of the list")]
    [InlineData("""{"list":[{"id":"../x","linked":true}]}""", "it has an entry whose id cannot be a wallet's")]
    [InlineData("""{"list":[{"id":"a-key_of-32-characters_or_so","linked":true}]}""", "it has an entry whose id cannot be a wallet's")]
    public void Read_NoPage_SaysWhy(string body, string problem)
    {
        Assert.False(WalletPage.TryRead(Encoding.UTF8.GetBytes(body), ApiKey, out _, out var why));

        Assert.Equal(problem, why);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2", 2)]
    [InlineData("2.0", 2)]
    [InlineData("\"2\"", 2)]
    [InlineData("2.5", null)]
    [InlineData("-1", null)]
    [InlineData("\"two\"", null)]
    [InlineData("null", null)]
    public void Read_Total_IsAWholeNumberOrNone(string total, int? read)
    {
        Assert.True(WalletPage.TryRead(Encoding.UTF8.GetBytes($$"""{"list":[{"id":"wlt_1","linked":"true","wallet":"PAYTM"}],"total":{{total}}}"""), ApiKey, out var page, out _));

        Assert.Equal(read, (int?)page.Total);
        Assert.Equal(("wlt_1", "PAYTM", true), (page.Wallets[0].Id.Value, page.Wallets[0].Provider, page.Wallets[0].Linked));
    }
}

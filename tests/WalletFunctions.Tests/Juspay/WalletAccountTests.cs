using System.Diagnostics;
using System.Text;
using System.Text.Json;
using WalletFunctions.Juspay;

namespace WalletFunctions.Tests.Juspay;

/// <summary>Every form of the wallet object in Juspay's own samples, and invalid forms.</summary>
public sealed class WalletAccountTests
{
    private const string Seed =
        """{"wallet":"PAYTM","token":null,"last_refreshed":null,"object":"wallet_account","id":"wlm_vNb87tTUvbb86bD","current_balance":null,"sub_details":[{"payment_method":"PAYTM","payment_method_type":"WALLET","last_refreshed":null,"current_balance":null}],"linked":false}""";

    private static readonly JuspayApiKey ApiKey = JuspayApiKey.TryParse("a-key-of-32-characters-or-so/+ab", out var key, out _) ? key : throw new UnreachableException();

    [Fact]
    public void Read_DocumentedAnswer_IsKeptFieldForField() => Assert.Equal(Seed, Rewrite(Seed));

    [Theory]
    [InlineData("false", false)]
    [InlineData("\"false\"", false)]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    public void Read_Linked_BecomesBoolean(string form, bool linked)
    {
        var account = Read(Wallet($"\"linked\":{form}"));

        Assert.Equal(linked, account.Linked);
        Assert.Equal(linked ? JsonValueKind.True : JsonValueKind.False, Json(account).GetProperty("linked").ValueKind);
    }

    [Theory]
    [InlineData("250")]
    [InlineData("109.55")]
    [InlineData("1.10")]
    [InlineData("12345678901234567890.123456789")]
    [InlineData("\"250\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void Read_CurrentBalance_IsKeptAsItIs(string form) => AssertKept("current_balance", form);

    [Theory]
    [InlineData("\"2016-08-01T08:07:52+0000\"")]
    [InlineData("\"2023-09-11T08:26:15Z\"")]
    [InlineData("\"2023-09-11T08:26:15.000Z\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void Read_LastRefreshed_IsKeptAsItIs(string form) => AssertKept("last_refreshed", form);

    [Theory]
    [InlineData("sub_details", """[]""")]
    [InlineData("sub_details", """[{"payment_method":"PAYTM","current_balance":109.55},{"payment_method":"PAYTM_POSTPAID","current_balance":""}]""")]
    [InlineData("metadata", """{"a":{"b":[1,"two",null,true]}}""")]
    [InlineData("gateway_reference_id", "\"paytm_ref\"")]
    [InlineData("juspay_bank_code", "\"JP_PAYTM\"")]
    [InlineData("never_seen_before", "[[],{},1e3,\"\\u00e9\"]")]
    public void Read_OtherMembers_AreKept(string name, string form) => AssertKept(name, form);

    [Fact]
    public void Read_WithoutOptionalMembers_IsAWallet() =>
        Assert.Equal("""{"id":"wlt_1","linked":false}""", Rewrite("""{"id":"wlt_1","linked":"false"}"""));

    [Theory]
    [InlineData("\"token\":\"tkn_secret\"")]
    [InlineData("\"token\":\"\"")]
    [InlineData("\"token\":{\"value\":\"tkn_secret\"}")]
    [InlineData("\"Token\":\"tkn_secret\"")]
    [InlineData("\"tok\\u0065n\":\"tkn_secret\"")]
    [InlineData("\"metadata\":{\"deep\":[{\"token\":\"tkn_secret\"}]}")]
    [InlineData("\"sub_details\":[{\"token\":\"tkn_secret\"}]")]
    public void Read_Token_IsNullAtAnyDepth(string member)
    {
        var json = Encoding.UTF8.GetString(Read(Wallet($"\"linked\":true,{member}")).Json.Span);

        Assert.DoesNotContain("tkn_secret", json, StringComparison.Ordinal);
        Assert.Contains("oken\":null", json, StringComparison.Ordinal);
    }

    /// <summary>An escape can hide the key, and the key may also be part of a name or of a number.</summary>
    [Theory]
    [InlineData("\"name\":\"12345\"", "\"name\":\"***\"")]
    [InlineData("\"name\":\"a\\u0031\\u0032345b\"", "\"name\":\"a***b\"")]
    [InlineData("\"name\":9123459", "\"name\":\"9***9\"")]
    [InlineData("\"a12345\":[1,\"x\",{}]", "\"a***\":[1,\"x\",{}]")]
    [InlineData("\"deep\":[{\"x\":\"12345\"},\"MTIzNDU6\"]", "\"deep\":[{\"x\":\"***\"},\"***\"]")]
    public void Read_TheApiKey_IsReplacedInEveryText(string member, string rewritten)
    {
        Assert.True(JuspayApiKey.TryParse("12345", out var key, out _));

        Assert.True(WalletAccount.TryRead(Encoding.UTF8.GetBytes($$"""{"id":"wlt_1",{{member}},"linked":"false"}"""), key, out var account, out _));

        Assert.Equal($$"""{"id":"wlt_1",{{rewritten}},"linked":false}""", Encoding.UTF8.GetString(account.Json.Span));
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("   ", "not valid JSON")]
    [InlineData("<html><body>502 Bad Gateway</body></html>", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","linked":fal""", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","linked":false}{}""", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","id":"wlt_2","linked":false}""", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","linked":true,"linked":false}""", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","linked":false,"metadata":{"a":1,"a":2}}""", "not valid JSON")]
    [InlineData("""{"id":"wlt_1","linked":false,"name":"\ud800"}""", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("null", "not a JSON object")]
    [InlineData("\"wlt_1\"", "not a JSON object")]
    [InlineData("{}", "no wallet id")]
    [InlineData("""{"id":7,"linked":false}""", "no wallet id")]
    [InlineData("""{"id":"wlt_1"}""", "does not say whether")]
    [InlineData("""{"id":"wlt_1","linked":null}""", "does not say whether")]
    [InlineData("""{"id":"wlt_1","linked":0}""", "does not say whether")]
    [InlineData("""{"id":"wlt_1","linked":"no"}""", "does not say whether")]
    public void Read_NoWallet_SaysWhy(string body, string problem)
    {
        Assert.False(WalletAccount.TryRead(Encoding.UTF8.GetBytes(body), ApiKey, out var account, out var why));

        Assert.Null(account);
        Assert.Contains(problem, why, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused() =>
        Assert.False(WalletAccount.TryRead(Encoding.UTF8.GetBytes(Wallet("\"linked\":false,\"x\":" + new string('[', 5000) + new string(']', 5000))), ApiKey, out _, out _));

    [Fact]
    public void Read_BytesThatAreNotUtf8_AreRefused()
    {
        byte[] latin = [.. """{"id":"wlt_1","linked":false,"name":"caf"""u8, 0xE9, .. "\"}"u8];

        Assert.False(WalletAccount.TryRead(latin, ApiKey, out _, out var problem));
        Assert.Equal("it is not valid JSON", problem);
    }

    private static string Wallet(string members) => $$"""{"id":"wlt_1",{{members}}}""";

    private static WalletAccount Read(string body)
    {
        Assert.True(WalletAccount.TryRead(Encoding.UTF8.GetBytes(body), ApiKey, out var account, out var problem), problem);
        return account;
    }

    private static string Rewrite(string body) => Encoding.UTF8.GetString(Read(body).Json.Span);

    private static JsonElement Json(WalletAccount account) => JsonDocument.Parse(account.Json).RootElement;

    private static void AssertKept(string name, string form)
    {
        var kept = Json(Read(Wallet($"\"linked\":false,\"{name}\":{form}"))).GetProperty(name);

        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(form).RootElement, kept), kept.GetRawText());
        Assert.Equal(form.Length < 40 && !form.Contains('\\') ? form : kept.GetRawText(), kept.GetRawText());
    }
}

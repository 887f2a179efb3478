using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>The settings of senders, which change a preset.</summary>
public sealed class SenderSettingsTests
{
    [Theory]
    [InlineData("Preset", "paypal")]
    [InlineData("Preset", "")]
    [InlineData("SecretName", "a_b")]
    [InlineData("Merchant", "of-nobody")]
    [InlineData("EventType", "X-Topic")]
    [InlineData("EventType", "header:")]
    [InlineData("EventType", "header:a b")]
    [InlineData("CustomerId", "body:customer")]
    [InlineData("CustomerId", "body:/a~2")]
    [InlineData("Items", "header:X")]
    [InlineData("CustomerIdFormat", "shop-")]
    [InlineData("CustomerIdFormat", "{id}-{id}")]
    [InlineData("CustomerIdFormat", "shop:{id}")]
    [InlineData("CustomerIdFormat", "shop {id}")]
    [InlineData("SignatureHeader", "two words")]
    [InlineData("Encoding", "base32")]
    [InlineData("SecretEncoding", "0")]
    [InlineData("SignedContent", "{timestamp}")]
    [InlineData("SignedContent", "{body}{nonce}")]
    [InlineData("SignedContent", "{timestamp}.{body}{id}", "TimestampHeader")]
    [InlineData("SignedContent", "{timestamp}.{body}", "TimestampHeader")]
    [InlineData("SignedContent", "{url}{body}", "PublicUrl")]
    [InlineData("TimestampHeader", "X-Time")]
    [InlineData("TimestampUnit", "minutes", "TimestampUnit", "TimestampUnit")]
    [InlineData("TimestampUnit", "milliseconds")]
    [InlineData("Tolerance", "02:00:00", "Tolerance", "Tolerance")]
    [InlineData("Tolerance", "00:01:00")]
    [InlineData("PublicUrl", "http://localhost", "PublicUrl", "PublicUrl")]
    [InlineData("PublicUrl", "https://delinks.example/webhooks/shop/delink")]
    [InlineData("SuccessStatus", "201")]
    [InlineData("WalletEvents", "wallet.removed", "WalletId")]
    [InlineData("WalletEvents", "customers/redact", "WalletId", "WalletEvents")]
    [InlineData("EventTime", "header:X-Time")]
    [InlineData("EventTime", "body:/a body:/b")]
    [InlineData("EventTime", "body:/created_at", "MaxAge")]
    [InlineData("MaxAge", "1.00:00:00", "EventTime")]
    [InlineData("MaxAge", "31.00:00:00", "MaxAge", "EventTime")]
    [InlineData("Secret", "secretvalue")]
    public void Settings_OfASenderThatCannotBeUsed_AreNamed(string setting, string value, params string[] named)
    {
        var problems = Assert.Throws<SettingsException>(() => Read(("Preset", "shopify"), (setting, value))).Problems;

        Assert.Equal((named is [] ? [setting] : named).Select(name => "Webhooks:Senders:shop:" + name), problems.Select(problem => problem.Split(' ')[0]));
        Assert.DoesNotContain("secretvalue", string.Concat(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token", "TimestampHeader", "X-Time", "TimestampHeader needs SignedContent, because a token signs no timestamp")]
    [InlineData("token", "SecretEncoding", "hex", "SecretEncoding must be utf8, because the token in the header is compared with the secret without decoding. Example: utf8")]
    [InlineData("shopify", "SignedContent", "{timestamp}", "SignedContent must contain {body}")]
    [InlineData("shopify", "SignedContent", "{timestamp}.{body}", "TimestampHeader is missing, although SignedContent contains {timestamp}")]
    [InlineData("shopify", "TimestampHeader", "X-Time", "TimestampHeader is not signed: SignedContent does not contain {timestamp}")]
    [InlineData("stripe", "SignedContent", "{timestamp}.{body}{id}", "IdHeader is missing, although SignedContent contains {id}")]
    [InlineData("shopify", "SignedContent", "{url}{body}", "PublicUrl is missing, although SignedContent contains {url}: it is the whole URL that the sender was given")]
    public void Settings_OfASignatureThatDoNotFitTogether_SayWhy(string preset, string setting, string value, string problem) => Assert.Contains(
        "Webhooks:Senders:shop:" + problem, Assert.Throws<SettingsException>(() => Read(("Preset", preset), (setting, value))).Problems);

    [Theory]
    [InlineData("SecretEncoding", "hex")]
    [InlineData("SecretEncoding", "base64")]
    [InlineData("SecretEncoding", "whsec")]
    [InlineData("Encoding", "hex")]
    [InlineData("Tolerance", "00:01:00")]
    [InlineData("TimestampUnit", "seconds")]
    [InlineData("TimestampHeader", "X-Time")]
    [InlineData("PublicUrl", "https://delinks.example/webhooks/shop/delink")]
    public void Settings_OfASignatureForASenderWithAToken_AreNamed(string setting, string value)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => Read(("Preset", "token"), (setting, value))).Problems);

        Assert.StartsWith($"Webhooks:Senders:shop:{setting} ", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stripe", "X-Signature")]
    [InlineData("zoho-payments", "X-Signature")]
    [InlineData("svix", "svix-timestamp")]
    public void Settings_WithAnotherSignatureHeader_FindTheTimestampThatIsInIt(string preset, string header)
    {
        var scheme = Assert.Single(Read(
            [("Preset", preset), ("SignatureHeader", "X-Signature"), .. preset is "zoho-payments" ? [("CustomerId", "body:/c"), ("CustomerEvents", "x")] : Array.Empty<(string, string)>()]).Senders).Sender.Scheme;

        Assert.Equal(("X-Signature", header), (scheme.SignatureHeader, scheme.TimestampHeader));
    }

    [Theory]
    [InlineData("shopify", "SignatureHeader=X-Shopify-Hmac-Sha256 SecretEncoding=Utf8 Encoding=Base64 Success=")]
    [InlineData("stripe", "SignatureHeader=Stripe-Signature SecretEncoding=Utf8 Encoding=Hex Success=")]
    [InlineData("okta", "SignatureHeader=Authorization SecretEncoding=Utf8 Encoding=Base64 Success=204")]
    [InlineData("Standard-Webhooks", "SignatureHeader=webhook-signature SecretEncoding=Whsec Encoding=Base64 Success=")]
    public void Settings_OfAPreset_AreItsOwn(string preset, string expected)
    {
        var sender = Assert.Single(Read(("Preset", preset)).Senders);

        Assert.Equal(("shop", "shop-webhook-secret", (string?)null), (sender.Name, sender.SecretName, sender.Merchant));
        Assert.Equal(expected,
            $"SignatureHeader={sender.Sender.Scheme.SignatureHeader} SecretEncoding={sender.Sender.Scheme.SecretEncoding} Encoding={sender.Sender.Scheme.Encoding} Success={sender.Sender.SuccessStatus}");
    }

    [Fact]
    public void Settings_ThatChangeAPreset_ReplaceItsParts()
    {
        var sender = Assert.Single(Read(
            ("Preset", "github"), ("SignatureHeader", "X-Signature"), ("SignaturePrefix", "v0="), ("Encoding", "base64"), ("SecretEncoding", "HEX"), ("SignedContent", "v0:{timestamp}:{body}"),
            ("TimestampHeader", "X-Time"), ("TimestampUnit", "milliseconds"), ("Tolerance", "00:01:00"), ("EventType", "body:/kind"), ("CustomerId", "header:X-Customer body:/a~1b/0"),
            ("CustomerEvents", "a.b  c.d"), ("WalletEvents", "e"), ("WalletId", "body:/w"), ("Items", "body:/items"), ("SuccessStatus", "202"), ("SecretName", "theirs"))
            .Senders);

        Assert.Equal(SenderPresets.ByName["github"].Scheme with
        {
            SignatureHeader = "X-Signature",
            SignaturePrefix = "v0=",
            Encoding = SignatureEncoding.Base64,
            SecretEncoding = SecretEncoding.Hex,
            SignedContent = sender.Sender.Scheme.SignedContent,
            TimestampHeader = "X-Time",
            TimestampUnit = TimeSpan.FromMilliseconds(1),
            Tolerance = TimeSpan.FromMinutes(1),
        }, sender.Sender.Scheme);
        Assert.Equal(["v0:", "{timestamp}", ":", "{body}"], sender.Sender.Scheme.SignedContent!.Parts);
        Assert.Equal(["a.b", "c.d"], sender.Sender.Format.CustomerEvents.Order(StringComparer.Ordinal));
        Assert.Equal(("body:/kind", "header:X-Customer or body:/a~1b/0", "body:/w", "body:/items"),
            ($"{sender.Sender.Format.EventType}", $"{sender.Sender.Format.CustomerId}", $"{sender.Sender.Format.WalletId}", $"{sender.Sender.Format.Items}"));
        Assert.Equal((202, "theirs"), (sender.Sender.SuccessStatus, sender.SecretName));
    }

    [Fact]
    public void Settings_OfSendersThatWouldShareARouteOrASecret_AreRefused()
    {
        var problems = Assert.Throws<SettingsException>(() => TestSettings.Read(
            ("Merchants:shop_a:MerchantId", "ShopA"), ("Webhooks:Senders:Shop_A:Preset", "github"), ("Webhooks:Senders:Shop_A:CustomerId", "body:/c"), ("Webhooks:Senders:Shop_A:CustomerEvents", "x"),
            ("Webhooks:Senders:x:Preset", "shopify"), ("Webhooks:Senders:y:Preset", "woocommerce"), ("Webhooks:Senders:y:SecretName", "X-webhook-secret"),
            ("Webhooks:Senders:z:Preset", "shopify"), ("Webhooks:Senders:z:SecretName", "webhook-signing-secret"), ("Webhooks:Senders:a--b:Preset", "shopify"),
            ("Webhooks:Senders:shopify", "true"))).Problems;

        Assert.Equal(
            ["Webhooks:Senders:Shop_A", "Webhooks:Senders:a--b", "Webhooks:Senders:shopify", "Webhooks:Senders:y:SecretName", "Webhooks:Senders:z:SecretName"],
            problems.Select(problem => problem.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    /// <summary>A sender that knew an API key could pay, and one that knew the key of the hashes could find wallets in audit records.</summary>
    [Theory]
    [InlineData("juspay-api-key", "KeyVault:ApiKeySecretName")]
    [InlineData("Shop-A-Key", "Merchants:shop_a:ApiKeySecretName")]
    [InlineData("audit-hash-key", "Audit:HashSecretName")]
    [InlineData("webhook-signing-secret", "KeyVault:WebhookSecretName")]
    public void Settings_OfASenderWithASecretOfAnotherPurpose_AreRefused(string secret, string other)
    {
        (string, string)[] settings = [("Merchants:shop_a:ApiKeySecretName", "shop-a-key"), ("Audit:HashSecretName", "audit-hash-key")];

        var problem = Assert.Single(Assert.Throws<SettingsException>(
            () => TestSettings.Read([.. settings, ("Webhooks:Senders:x:Preset", "shopify"), ("Webhooks:Senders:x:SecretName", secret)])).Problems);
        Assert.StartsWith($"Webhooks:Senders:x:SecretName names the same secret as {other};", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OfASenderWithoutAMerchant_AreRefusedWhereOneIsRequired()
    {
        (string, string)[] settings = [("Merchants:RequireMatch", "true"), ("Merchants:shop_a:MerchantId", "ShopA"), ("Webhooks:Senders:x:Preset", "shopify")];

        Assert.StartsWith("Webhooks:Senders:x:Merchant is missing", Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read(settings)).Problems), StringComparison.Ordinal);
        Assert.Equal("shop_a", Assert.Single(TestSettings.Read([.. settings, ("Webhooks:Senders:x:Merchant", "SHOP_A")]).Senders).Merchant);
    }

    [Fact]
    public void Settings_OfTheFormerEventTypes_NameTheirSuccessors()
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read(("Webhooks:EventTypes:account.deleted", "customer"))).Problems);

        Assert.StartsWith("Webhooks:EventTypes is not a setting", problem, StringComparison.Ordinal);
        Assert.Contains("CustomerEvents, WalletEvents", problem, StringComparison.Ordinal);
    }

    private static Settings Read(params (string Name, string Value)[] sender) => TestSettings.Read([.. sender.Select(setting => ("Webhooks:Senders:shop:" + setting.Name, setting.Value))]);
}

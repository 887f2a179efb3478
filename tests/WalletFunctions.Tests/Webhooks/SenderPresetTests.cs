using System.Text;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>The presets against signatures that others published, and the settings that change them.</summary>
public sealed class SenderPresetTests
{
    /// <summary>Deliveries whose signature was published, with the header as their sender sends it.</summary>
    public static TheoryData<string, string, string, string, string, string, string> Published => new()
    {
        // https://docs.svix.com/receiving/verifying-payloads/how-manual; Standard Webhooks publishes the same one.
        {
            "svix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}""",
            "v1,", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        },
        {
            "standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}""",
            "v1,", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        },
        // https://github.com/octokit/webhooks-methods.js, test/sign.test.ts
        { "github", "mysecret", "", "", """{"foo":"bar"}""", "sha256=", "4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3" },
        // https://github.com/stripe/stripe-dotnet, src/StripeTests/Services/Events/EventUtilityTest.cs and Resources/event_test_signature.json
        {
            "stripe", "webhook_secret", "", "1533204620",
            """
            {
              "id": "evt_123",
              "object": "event",
              "account": "acct_123",
              "api_version": "2017-05-25",
              "created": 1533204620,
              "data": {
                "object": {
                  "id": "cus_123",
                  "object": "customer",
                  "created": 123456789,
                  "email": "test@stripe.com",
                  "livemode": false,
                  "metadata": {}
                }
              },
              "livemode": false,
              "pending_webhooks": 1,
              "request": {
                "id": "req_123",
                "idempotency_key": "idempotency-key-123"
              },
              "type": "customer.created"
            }

            """.ReplaceLineEndings("\n"),
            "t=1533204620,v1=", "2220f87ef101a04665f11cdf770523143f875572008577fa0f20882ddb9cc3c7"
        },
        // https://github.com/HubSpot/hubspot-api-python, tests/spec/utils/test_signature.py
        {
            "hubspot", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "", "15000000", "{'example_field':'example_value'}", "", "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw="
        },
        // https://github.com/sqlpage/SQLPage, tests of its hmac function for webhooks of Shopify. Shopify publishes none.
        {
            "shopify", "test-webhook-secret", "", "", """{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}""", "",
            "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw="
        },
        // WooCommerce signs as Shopify does, in another header.
        {
            "woocommerce", "test-webhook-secret", "", "", """{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}""", "",
            "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw="
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void IsValid_PublishedSignature_OnlyWithoutAnyChange(string preset, string secret, string id, string timestamp, string body, string before, string signature)
    {
        var scheme = SenderPresets.ByName[preset].Scheme with { PublicUrl = "https://www.example.com/webhook_uri" };
        var now = timestamp is "" ? DateTimeOffset.UnixEpoch : DateTimeOffset.UnixEpoch + (long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture) * scheme.TimestampUnit);

        Assert.True(IsValid(signature: signature, body: body));
        Assert.All(WebhookSignatureTests.EveryBitOf(signature), changed => Assert.False(IsValid(signature: changed, body: body), changed));
        Assert.All(WebhookSignatureTests.EveryBitOf(body), changed => Assert.False(IsValid(signature: signature, body: changed), changed));
        Assert.All(WebhookSignatureTests.EveryBitOf(id), changed => Assert.False(IsValid(signature: signature, body: body, changedId: changed)));
        Assert.All(WebhookSignatureTests.EveryBitOf(timestamp), changed => Assert.False(IsValid(signature: signature, body: body, changedTimestamp: changed)));
        Assert.False(IsValid(signature: signature, body: body, otherSecret: secret[..^1] + (secret[^1] is 'x' ? 'y' : 'x')));
        Assert.Equal(timestamp is "", IsValid(signature: signature, body: body, at: now + scheme.Tolerance + TimeSpan.FromSeconds(1)));

        bool IsValid(string signature, string body, string? changedId = null, string? changedTimestamp = null, string? otherSecret = null, DateTimeOffset? at = null)
        {
            var header = (changedTimestamp is null ? before : before.Replace(timestamp, changedTimestamp, StringComparison.Ordinal)) + signature;
            var headers = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                [scheme.IdHeader ?? "-"] = changedId ?? id,
                [scheme.TimestampHeader ?? "--"] = changedTimestamp ?? timestamp,
                [scheme.SignatureHeader] = header,
            };
            Assert.True(WebhookSecrets.TryParse($"{otherSecret ?? secret}", scheme.SecretEncoding, out var secrets, out var problem), problem);
            return WebhookSignature.IsValid(scheme, DeliveryHeaders.Of(scheme, headers.GetValueOrDefault), Encoding.Latin1.GetBytes(body), secrets, at ?? now);
        }
    }

    /// <summary>The example that Zoho publishes for the form of its header. It gives no key for the signature.</summary>
    [Fact]
    public void Headers_OfZohoPayments_AreTheTimeAndTheSignature()
    {
        var scheme = SenderPresets.ByName["zoho-payments"].Scheme;
        const string Header = "t=1734340423138,v=48f9cb56a1beca6c92ff64e0d0954170fc474d971af07a8ecfcbb9502414241c";

        var headers = DeliveryHeaders.Of(scheme, name => name == scheme.SignatureHeader ? Header : null);

        Assert.Equal("1734340423138", headers.Timestamp);
        Assert.True(WebhookSignature.CouldBeValid(scheme, headers, DateTimeOffset.FromUnixTimeMilliseconds(1734340423138).AddMinutes(5)));
        Assert.False(WebhookSignature.CouldBeValid(scheme, headers, DateTimeOffset.FromUnixTimeMilliseconds(1734340423138).AddMinutes(5).AddMilliseconds(1)));
    }

    [Theory]
    [InlineData("okta", "a-secret-of-okta", true)]
    [InlineData("okta", "a-secret-of-okt", false)]
    [InlineData("okta", "a-secret-of-okta ", false)]
    [InlineData("okta", "Bearer a-secret-of-okta", false)]
    [InlineData("okta", "A-secret-of-okta", false)]
    [InlineData("okta", "", false)]
    [InlineData("auth0", "Bearer a-secret-of-okta", true)]
    [InlineData("auth0", "Bearer  a-secret-of-okta", true)]
    [InlineData("auth0", "a-secret-of-okta", false)]
    [InlineData("auth0", "Bearer", false)]
    [InlineData("okta", "another-secret-1", true)]
    public void IsValid_Token_IsTheSecretItself(string preset, string header, bool valid)
    {
        var scheme = SenderPresets.ByName[preset].Scheme;
        Assert.True(WebhookSecrets.TryParse("a-secret-of-okta\nanother-secret-1", scheme.SecretEncoding, out var secrets, out _));

        Assert.Equal(valid, WebhookSignature.IsValid(scheme, DeliveryHeaders.Of(scheme, _ => header), "{}"u8, secrets, DateTimeOffset.UnixEpoch));
    }

    /// <summary>WooCommerce generates secrets with spaces, and a fixed header may be a word and a token.</summary>
    [Fact]
    public void IsValid_TokenWithSpaces_IsOneOfTheStoredLines()
    {
        var scheme = SenderPresets.ByName["token"].Scheme;
        Assert.True(WebhookSecrets.TryParse("Bearer one-token\r\n Basic two tokens \n", scheme.SecretEncoding, out var secrets, out _));

        Assert.All(["Bearer one-token", "Basic two tokens"], header => Assert.True(IsValid(header), header));
        Assert.All(["Bearer", "one-token", "Basic two", "Bearer one-token Basic two tokens"], header => Assert.False(IsValid(header), header));

        bool IsValid(string header) => WebhookSignature.IsValid(scheme, DeliveryHeaders.Of(scheme, _ => header), "{}"u8, secrets, DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void Secrets_WithASpaceInAnotherPlace_AreNotEqual()
    {
        Assert.True(WebhookSecrets.TryParse("a-secret another-one", SecretEncoding.Utf8, out var one, out _));
        Assert.True(WebhookSecrets.TryParse("a-secret\nanother-one", SecretEncoding.Utf8, out var two, out _));

        Assert.NotEqual(one, two);
        Assert.Equal((1, 2), (one.Keys.Count, two.Keys.Count));
    }

    [Theory]
    [InlineData("v1=aa", "aa")]
    [InlineData("t=1,v1=aa,v0=bb", "aa")]
    [InlineData("t=1, v1=aa,v1=bb ,v1=", "aa|bb|")]
    [InlineData("xv1=aa", "")]
    [InlineData("", "")]
    public void ValuesAfter_APrefix_AreThoseAtTheStartOfAPart(string header, string values) =>
        Assert.Equal(values, string.Join('|', WebhookSignature.ValuesAfter("v1=", header)));

    [Theory]
    [InlineData("{body}", "{body}")]
    [InlineData("{timestamp}.{body}", "{timestamp}|.|{body}")]
    [InlineData("v0:{timestamp}:{body}{method}{url}{id}", "v0:|{timestamp}|:|{body}|{method}|{url}|{id}")]
    [InlineData("{bodies}", null)]
    [InlineData("{body", null)]
    public void SignedContent_Template_IsReadIntoItsParts(string template, string? parts) =>
        Assert.Equal(parts, SignedContent.Parse(template) is { } read ? string.Join('|', read.Parts) : null);

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

    [Theory]
    [InlineData(nameof(SecretEncoding.Utf8), "12345678", 8)]
    [InlineData(nameof(SecretEncoding.Utf8), "1234567", 0)]
    [InlineData(nameof(SecretEncoding.Utf8), "pässword1", 0)]
    [InlineData(nameof(SecretEncoding.Utf8), " Bearer a ", 8)]
    [InlineData(nameof(SecretEncoding.Utf8), "Bearer\ta", 0)]
    [InlineData(nameof(SecretEncoding.Base64), "MTIzNDU2Nzg=", 8)]
    [InlineData(nameof(SecretEncoding.Base64), "MTIzNDU2Nw==", 0)]
    [InlineData(nameof(SecretEncoding.Base64), "!!!!!!!!", 0)]
    [InlineData(nameof(SecretEncoding.Hex), "0123456789abcdef", 8)]
    [InlineData(nameof(SecretEncoding.Hex), "0123456789abcde", 0)]
    [InlineData(nameof(SecretEncoding.Hex), "0123456789abcdeg", 0)]
    [InlineData(nameof(SecretEncoding.Whsec), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24)]
    public void Secrets_InAnEncoding_AreItsBytes(string encoding, string text, int length)
    {
        var isSecret = WebhookSecrets.TryParse(text, Enum.Parse<SecretEncoding>(encoding), out var secrets, out var problem);

        Assert.Equal(length, isSecret ? secrets!.Keys[0].Length : 0);
        Assert.Equal(!isSecret, problem?.StartsWith("each secret must be ", StringComparison.Ordinal) ?? false);
        Assert.DoesNotContain(text, problem ?? "", StringComparison.Ordinal);
    }

    private static Settings Read(params (string Name, string Value)[] sender) => TestSettings.Read([.. sender.Select(setting => ("Webhooks:Senders:shop:" + setting.Name, setting.Value))]);
}

using System.Text;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>The presets against signatures that others published.</summary>
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

    [Theory]
    [InlineData("standard-webhooks")]
    [InlineData("stripe")]
    [InlineData("shopify")]
    [InlineData("token")]
    public void Headers_ThatAreMissing_AreEmptyAndNeverValid(string preset)
    {
        var scheme = SenderPresets.ByName[preset].Scheme;

        Assert.Equal(new DeliveryHeaders("", "", ""), DeliveryHeaders.Of(scheme, _ => null));
        Assert.False(WebhookSignature.CouldBeValid(scheme, new DeliveryHeaders("msg_1", "1614265330", scheme.SignaturePrefix), DateTimeOffset.FromUnixTimeSeconds(1614265330)));
    }

    [Fact]
    public void Headers_OfGitHub_HaveTheIdOfTheDelivery() => Assert.Equal(
        "d-1", DeliveryHeaders.Of(SenderPresets.ByName["github"].Scheme, name => name is "X-GitHub-Delivery" ? "d-1" : null).Id);

    [Theory]
    [InlineData("Base64", "AAAA", "the base64 of at least 8 bytes")]
    [InlineData("Hex", "01234567", "at least 8 bytes in hexadecimal digits")]
    [InlineData("Hex", "0123456789abcdef0", "at least 8 bytes in hexadecimal digits")]
    [InlineData("Hex", "0123456789abcdefgh", "at least 8 bytes in hexadecimal digits")]
    [InlineData("Utf8", "short", "one line of 8 to 256 printable ASCII characters")]
    public void Secrets_ThatDoNotFitTheirEncoding_AreRefusedWithItsForm(string encoding, string text, string form)
    {
        Assert.False(WebhookSecrets.TryParse(text, Enum.Parse<SecretEncoding>(encoding), out _, out var problem));

        Assert.Equal("each secret must be " + form, problem);
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
}

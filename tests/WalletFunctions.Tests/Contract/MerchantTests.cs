using Microsoft.Extensions.Configuration;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>Several merchants in one deployment: each caller reaches only its own.</summary>
public abstract class MerchantTests(Hosts hosts)
{
    private protected static readonly string[] TwoShops =
    [
        "--Merchants:shop-a:MerchantId=shop_a", "--Merchants:shop-b:MerchantId=shop_b",
        "--LocalHost:FunctionKeys:shop-a=key-a", "--LocalHost:FunctionKeys:SHOP-B--billing=key-b", "--LocalHost:FunctionKeys:default=local-key",
    ];

    private protected Hosts Hosts => hosts;

    [SimulatorTheory]
    [InlineData("key-a", "shop-a", "shop_a")]
    [InlineData("key-b", "shop-b", "shop_b")]
    public async Task Delink_WithAMerchantsKey_ReachesThatMerchant(string key, string merchant, string merchantId)
    {
        await using var host = await hosts.StartAsync(TwoShops);

        var answer = await host.DelinkCustomerAsync($"{merchant}_customer", key: key);

        Assert.Equal((200, 2), (answer.Status, answer.Member("delinked")?.GetInt32()));
        Assert.All(host.Juspay.Wallets, wallet => Assert.Equal(wallet.Merchant != merchant, wallet.Linked));
        Assert.All(host.Juspay.Requests, request => Assert.Equal(merchantId, request.Headers["x-merchantid"]));
        Assert.Contains($"merchant={merchant} ", Assert.Single(host.Transcript.Logs, line => line.Contains(" delink_audit", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [SimulatorFact]
    public async Task Delink_OfAnotherMerchantsCustomer_FindsNothing()
    {
        await using var host = await hosts.StartAsync(TwoShops);

        Assert.Equal("customer_not_found", (await host.DelinkCustomerAsync("shop-b_customer", key: "key-a")).Code);
        Assert.Equal("customer_not_found", (await host.DelinkCustomerAsync("shop-a_customer")).Code);
        Assert.Equal(200, (await host.DelinkCustomerAsync()).Status);
    }

    /// <summary>The pause after a refused key that was read in vain belongs to one merchant, even if others have the same secret.</summary>
    [SimulatorFact]
    public async Task Delink_AfterARotation_SucceedsAlthoughJuspayRefusesTheSameSecretOfAnotherMerchant()
    {
        await using var host = await hosts.StartAsync(
            [.. TwoShops, "--Merchants:shop-a:ApiKeySecretName=shared-key", "--Merchants:shop-b:ApiKeySecretName=shared-key"], fresh: true);

        host.Fault(new Fault { Status = 401 });

        var refused = await host.DelinkCustomerAsync("shop-a_customer", key: "key-a");
        host.RotateKey("shop-b");
        var answer = await host.DelinkCustomerAsync("shop-b_customer", key: "key-b");

        ContractTests.AssertProblem(refused, 502, "juspay_unauthenticated", retryable: false);
        Assert.Equal(200, answer.Status);
    }

    [SimulatorFact]
    public async Task Webhook_WithAMerchantInItsPath_ReachesThatMerchant()
    {
        await using var host = await hosts.StartAsync(TwoShops);

        var answer = await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"shop-a_customer"}}""", path: "/webhooks/Shop-A/delink");

        Assert.Equal(200, answer.Status);
        Assert.All(host.Juspay.Wallets, wallet => Assert.Equal(wallet.Merchant is not "shop-a", wallet.Linked));
    }

    [SimulatorFact]
    public async Task Webhook_SignedForAnotherMerchant_IsRefusedAsAnyOther()
    {
        await using var host = await hosts.StartAsync([.. TwoShops, "--Merchants:shop-b:WebhookSecretName=shop-b-webhooks"]);
        host.KeyVault.Store("shop-b-webhooks", "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB");
        const string Body = """{"type":"customer.closed","data":{"customer_id":"shop-b_customer"}}""";

        var forged = await host.SendEventAsync(Body, secret: Simulation.WebhookSecret, path: "/webhooks/shop-b/delink");
        var unknown = await host.SendEventAsync(Body, path: "/webhooks/shop-c/delink");

        Assert.All([forged, unknown], answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.Equal(200, (await host.SendEventAsync(Body, secret: "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", path: "/webhooks/shop-b/delink")).Status);
    }

    /// <summary>With the top level's secret, an event that was captured there could be repeated on the merchant's path.</summary>
    [SimulatorFact]
    public async Task Webhook_OfAMerchantWithoutASecretOfItsOwn_IsRefusedWithAnySignature()
    {
        await using var host = await hosts.StartAsync([.. TwoShops, "--Merchants:shop-a:WebhookSecretName="]);
        const string Body = """{"type":"customer.closed","data":{"customer_id":"shop-a_customer"}}""";

        var answers = new[]
        {
            await host.SendEventAsync(Body, secret: Simulation.WebhookSecret, path: "/webhooks/shop-a/delink"),
            await host.SendEventAsync(Body, path: "/webhooks/shop-a/delink"),
            await host.SendEventAsync(Body, path: "/webhooks/shop-c/delink"),
        };

        Assert.All(answers, answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.All(host.Juspay.Wallets, wallet => Assert.True(wallet.Linked));
    }

    /// <summary>A guessed name has the same answer if it exists without a signing secret and if it does not exist.</summary>
    [SimulatorTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Webhook_OfAMerchantWhoseSecretIsNotStored_AnswersAsAnUnknownMerchantDoes(bool isSigned)
    {
        await using var host = await hosts.StartAsync(TwoShops, prepare: simulation => simulation.KeyVault!.Delete("shop-a-webhook-secret"));
        const string Body = """{"type":"customer.closed","data":{"customer_id":"shop-a_customer"}}""";

        var known = await host.SendEventAsync(Body, signature: isSigned ? null : "", path: "/webhooks/shop-a/delink");
        var unknown = await host.SendEventAsync(Body, signature: isSigned ? null : "", path: "/webhooks/shop-c/delink");

        Assert.All([known, unknown], answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.Single(new[] { known, unknown }.Select(answer => answer.Body.Replace(answer.Member("traceId")!.Value.GetString()!, "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal));
        if (isSigned)
        {
            await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains("secret_unavailable name=shop-a-webhook-secret fault=Missing", StringComparison.Ordinal)));
        }
    }

    [SimulatorFact]
    public async Task RequireMatch_ClosesTheWebhookRouteWithoutAMerchant()
    {
        await using var host = await hosts.StartAsync([.. TwoShops, "--Merchants:RequireMatch=true"]);

        var answer = await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""");

        ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false);
        Assert.True(host.IsLinked(TestHost.Paytm));
        Assert.Equal(200, (await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"shop-a_customer"}}""", path: "/webhooks/shop-a/delink")).Status);
    }

    [SimulatorFact]
    public async Task Load_OnTwoMerchantsOneOfThemRevoked_LeavesTheOtherAlone()
    {
        await using var host = await hosts.StartAsync(TwoShops, fresh: true);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop-b_customer", key: "key-b")).Status);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop-a_customer", key: "key-a")).Status);
        host.Juspay.Accept("another-key-than-the-vault-has", "shop-a");
        var readsOfB = host.KeyVault.ReadsOf("shop-b-juspay-api-key");

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            var shop = number % 2 is 0 ? "a" : "b";
            return (Shop: shop, Answer: await host.DelinkCustomerAsync($"shop-{shop}_customer", key: $"key-{shop}"));
        }));

        Assert.All(answers.Where(pair => pair.Shop is "b"), pair => Assert.Equal(200, pair.Answer.Status));
        Assert.All(answers.Where(pair => pair.Shop is "a"), pair => Assert.Equal("juspay_unauthenticated", pair.Answer.Code));
        Assert.Equal(readsOfB, host.KeyVault.ReadsOf("shop-b-juspay-api-key"));
        Assert.Equal(2, host.KeyVault.ReadsOf("shop-a-juspay-api-key"));
    }

    [SimulatorFact]
    public async Task KeyRotation_OfOneMerchant_IsThatMerchantsAlone()
    {
        await using var host = await hosts.StartAsync(TwoShops, fresh: true);
        await host.DelinkCustomerAsync("shop-a_customer", key: "key-a");
        host.RotateKey("shop-a");

        Assert.Equal(200, (await host.DelinkCustomerAsync("shop-a_customer", key: "key-a")).Status);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop-b_customer", key: "key-b")).Status);
        Assert.Equal(2, host.KeyVault.ReadsOf("shop-a-juspay-api-key"));
        Assert.Equal(1, host.KeyVault.ReadsOf("shop-b-juspay-api-key"));
    }

    [SimulatorFact]
    public async Task RequireMatch_RefusesKeysThatNameNoMerchant()
    {
        await using var host = await hosts.StartAsync([.. TwoShops, "--Merchants:RequireMatch=true"]);

        ContractTests.AssertProblem(await host.DelinkCustomerAsync("shop-a_customer"), 403, "unknown_merchant", retryable: false);
        Assert.Equal(200, (await host.DelinkCustomerAsync("shop-a_customer", key: "key-a")).Status);
        Assert.Equal(0, host.KeyVault.ReadsOf("juspay-api-key"));
    }
}

/// <inheritdoc />
public sealed class LocalHostMerchantTests() : MerchantTests(new LocalHosts())
{
    /// <summary>In the local host, each merchant has its own secret with its own name.</summary>
    [SimulatorFact]
    public async Task Webhook_SignedForOneMerchantOfTheLocalHost_IsRefusedByTheOthers()
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_a:MerchantId=ShopA", "--Merchants:shop_b:MerchantId=ShopB"]);
        const string Body = """{"type":"customer.closed","data":{"customer_id":"shop_a_customer"}}""";

        var own = await host.SendEventAsync(Body, path: "/webhooks/shop_a/delink");
        var others = new[]
        {
            await host.SendEventAsync(Body, secret: Simulation.WebhookSecretOf("shop_a"), path: "/webhooks/shop_b/delink"),
            await host.SendEventAsync(Body, secret: Simulation.WebhookSecretOf("shop_a")),
            await host.SendEventAsync(Body, secret: Simulation.WebhookSecret, path: "/webhooks/shop_a/delink"),
        };

        Assert.Equal(200, own.Status);
        Assert.All(others, answer => ContractTests.AssertProblem(answer, 401, "invalid_signature", retryable: false));
        Assert.Equal(1, host.KeyVault.ReadsOf("shop-a-webhook-secret"));
    }

    [SimulatorFact]
    public async Task Webhook_WhileTheVaultIsDown_IsPostponedForKnownAndUnknownMerchantsAlike()
    {
        await using var host = await TestHost.StartAsync(TwoShops);
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = 1000 });
        const string Body = """{"type":"customer.closed","data":{"customer_id":"shop-a_customer"}}""";

        var known = await host.SendEventAsync(Body, path: "/webhooks/shop-a/delink");
        var unknown = await host.SendEventAsync(Body, path: "/webhooks/shop-c/delink");
        var unsigned = await host.SendEventAsync(Body, signature: "", path: "/webhooks/shop-a/delink");

        Assert.All([known, unknown], answer => ContractTests.AssertProblem(answer, 503, "webhook_secret_unavailable", retryable: true));
        Assert.Equal(known.RetryAfter, unknown.RetryAfter);
        Assert.Equal(known.Member("detail")?.GetString(), unknown.Member("detail")?.GetString());
        Assert.DoesNotContain("shop-a", known.Body, StringComparison.Ordinal);
        Assert.Equal(401, unsigned.Status);
    }

    [Fact]
    public void Settings_OfAMerchant_DefaultToTheTopLevel()
    {
        var settings = TestSettings.Read(("Juspay:MerchantId", "top"), ("KeyVault:WebhookSecretName", "top-webhooks"), ("Merchants:a:ApiKeySecretName", "a-key"), ("Merchants:b:BaseUrl", "https://api.juspay.io/"));

        var (a, b) = (settings.Merchants[0], settings.Merchants[1]);
        Assert.Equal(("a", "https://sandbox.juspay.in", "top", "a-key", (string?)null), (a.Name, a.Juspay.BaseUrl, a.Juspay.MerchantId, a.ApiKeySecretName, a.WebhookSecretName));
        Assert.Equal(("b", "https://api.juspay.io", "top", "juspay-api-key", (string?)null), (b.Name, b.Juspay.BaseUrl, b.Juspay.MerchantId, b.ApiKeySecretName, b.WebhookSecretName));
    }

    [Fact]
    public void Settings_OfEventTypes_AddToTheBuiltInOnesAndMayChangeThem()
    {
        var types = TestSettings.Read(("Webhooks:CustomerEvents", "account.deleted"), ("Webhooks:WalletEvents", "customer.closed card.removed")).OwnEvents;

        Assert.Equal(["account.deleted", "customer.consent_withdrawn"], types.CustomerEvents.Order(StringComparer.Ordinal));
        Assert.Equal(["card.removed", "customer.closed", "wallet.delink_requested"], types.WalletEvents.Order(StringComparer.Ordinal));
        Assert.Contains("Account.Deleted", types.CustomerEvents);
    }

    [Theory]
    [InlineData("Merchants:RequireMatch", "true")]
    [InlineData("Merchants:RequireMatch", "perhaps")]
    [InlineData("Merchants:shop--a:MerchantId", "x")]
    [InlineData("Merchants:shop a:MerchantId", "x")]
    [InlineData("Merchants:shop-a:BaseUrl", "http://api.juspay.in")]
    [InlineData("Merchants:shop-a:ApiKeySecret", "x")]
    [InlineData("Merchants:shop-a:ApiKeySecretName", "a_b")]
    [InlineData("Webhooks:EventTypes:a.b", "customer")]
    [InlineData("Webhooks:EventTypes", "customer")]
    [InlineData("Webhooks:Types", "x")]
    [InlineData("Merchants:RequiresMatch", "true")]
    [InlineData("Merchants:shop_a", "ShopA")]
    [InlineData("Merchants:shop_a", "")]
    [InlineData("Merchants:shop_a:MerchantId", "")]
    [InlineData("Merchants:shop_a:WebhookSecretName", "webhook-signing-secret")]
    public void Settings_ThatCannotBeUsed_AreNamed(string name, string value)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, value))).Problems);

        Assert.StartsWith(string.Join(':', name.Split(':')[..2]), problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OfTwoMerchantsWithOneWebhookSecret_AreRefused()
    {
        var problems = Assert.Throws<SettingsException>(() => TestSettings.Read(("Merchants:a:WebhookSecretName", "shared"), ("Merchants:b:WebhookSecretName", "Shared"))).Problems;

        Assert.StartsWith("Merchants:b:WebhookSecretName names the same secret as Merchants:a:WebhookSecretName;", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Equal("webhook-signing-secret", Assert.Single(TestSettings.Read(("Merchants:RequireMatch", "true"), ("Merchants:a:WebhookSecretName", "webhook-signing-secret")).Merchants).WebhookSecretName);
    }
}

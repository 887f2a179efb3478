using Microsoft.Extensions.Configuration;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Read_OnlyWhatIsRequired_TakesTheDefaults()
    {
        var settings = TestSettings.Read();

        Assert.Equal("https://sandbox.juspay.in", settings.Juspay.BaseUrl);
        Assert.Null(settings.Juspay.MerchantId);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.Juspay.AttemptTimeout);
        Assert.Equal(TimeSpan.FromSeconds(15), settings.Juspay.TotalTimeout);
        Assert.Equal(3, settings.Juspay.MaxAttempts);
        Assert.Equal(new Uri("https://my-vault.vault.azure.net"), settings.KeyVault.Uri);
        Assert.Equal("juspay-api-key", settings.KeyVault.ApiKeySecretName);
        Assert.Equal(TimeSpan.FromMinutes(30), settings.KeyVault.RefreshInterval);
        Assert.Null(settings.AuditHashSecretName);
    }

    [Theory]
    [InlineData("https://api.juspay.in/", "https://api.juspay.in")]
    [InlineData("https://smartgateway.hdfcbank.com", "https://smartgateway.hdfcbank.com")]
    [InlineData("https://gateway.example/juspay/", "https://gateway.example/juspay")]
    [InlineData("http://localhost:9000", "http://localhost:9000")]
    [InlineData("http://127.0.0.1:9000/", "http://127.0.0.1:9000")]
    [InlineData(" https://api.juspay.io ", "https://api.juspay.io")]
    public void Read_BaseUrl_IsFree(string url, string normal) => Assert.Equal(normal, TestSettings.Read(("Juspay:BaseUrl", url)).Juspay.BaseUrl);

    [Theory]
    [InlineData("Juspay:BaseUrl", "")]
    [InlineData("Juspay:BaseUrl", "api.juspay.in")]
    [InlineData("Juspay:BaseUrl", "http://api.juspay.in")]
    [InlineData("Juspay:BaseUrl", "ftp://api.juspay.in")]
    [InlineData("Juspay:BaseUrl", "https://user:secretvalue@api.juspay.in")]
    [InlineData("Juspay:BaseUrl", "https://api.juspay.in/?secretvalue")]
    [InlineData("Juspay:BaseUrl", "https://api.juspay.in/#secretvalue")]
    [InlineData("Juspay:MerchantId", "two words")]
    [InlineData("Juspay:AttemptTimeout", "5s")]
    [InlineData("Juspay:AttemptTimeout", "00:00:00")]
    [InlineData("Juspay:AttemptTimeout", "5")]
    [InlineData("Juspay:TotalTimeout", "00:01:00")]
    [InlineData("Juspay:TotalTimeout", "00:00:04")]
    [InlineData("Juspay:MaxAttempts", "0")]
    [InlineData("Juspay:MaxAttempts", "11")]
    [InlineData("Juspay:MaxAttempts", "three")]
    [InlineData("KeyVault:Uri", "")]
    [InlineData("KeyVault:Uri", "http://my-vault.vault.azure.net")]
    [InlineData("KeyVault:Uri", "http://localhost:8080")]
    [InlineData("KeyVault:Uri", "https://my-vault.vault.azure.net/secrets/secretvalue")]
    [InlineData("KeyVault:ApiKeySecretName", "secret_value")]
    [InlineData("Audit:HashSecretName", "secret_value")]
    [InlineData("Audit:HashSecret", "secretvalue")]
    [InlineData("KeyVault:RefreshInterval", "00:00:59")]
    [InlineData("KeyVault:RefreshInterval", "2.00:00:00")]
    [InlineData("KeyVault:Url", "https://secretvalue.vault.azure.net")]
    [InlineData("Juspay:TimeOut", "00:00:05")]
    [InlineData("Merchants:RequiresMatch", "secretvalue")]
    public void Read_UnusableSetting_IsNamedWithoutItsValue(string name, string value)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, value))).Problems);

        Assert.StartsWith(name + " ", problem, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("Example: .|Known under .", problem);
        Assert.DoesNotContain("secretvalue", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:00", "must be a duration hh:mm:ss between 00:00:00.1 and 00:00:50, not 00:00:00. Example: 00:00:05")]
    [InlineData("00:00:00.05", "must be a duration hh:mm:ss between 00:00:00.1 and 00:00:50, not 00:00:00.05. Example: 00:00:05")]
    [InlineData("5", "must be a duration hh:mm:ss between 00:00:00.1 and 00:00:50, not 5.00:00:00. Example: 00:00:05")]
    [InlineData("5s", "must be a duration hh:mm:ss between 00:00:00.1 and 00:00:50. Example: 00:00:05")]
    public void Read_UnusableDuration_IsRefusedWithTheRangeAndTheDurationThatWasRead(string value, string problem) => Assert.Equal(
        [$"Juspay:AttemptTimeout {problem}"], Assert.Throws<SettingsException>(() => TestSettings.Read(("Juspay:AttemptTimeout", value))).Problems);

    [Theory]
    [InlineData("Juspy:MaxAttempts")]
    [InlineData("Jusapy:MaxAttempts")]
    [InlineData("juspays:MaxAttempts")]
    [InlineData("Jaspay:MaxAttempts")]
    [InlineData("KeyVaullt:Uri")]
    [InlineData("Webhook:CustomerEvents")]
    [InlineData("Audits:HashSecretName")]
    [InlineData("Merchant:shop_a:MerchantId")]
    public void Read_SectionOneEditAwayFromOurs_IsNamedWithoutItsValue(string name)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, "secretvalue"))).Problems);

        Assert.StartsWith(name.Split(':')[0] + " is not a section", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secretvalue", problem, StringComparison.Ordinal);
    }

    /// <summary>The function key shop---x would belong to a merchant of the name shop.</summary>
    [Theory]
    [InlineData("Merchants:shop-:MerchantId", "shop")]
    [InlineData("Webhooks:Senders:shop-:Preset", "shopify")]
    public void Read_NameThatEndsWithAHyphen_IsRefused(string name, string value) => Assert.Contains(
        "without a hyphen at the end", Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, value))).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("Webhooks:CustomerEvents:0", "Webhooks:CustomerEvents")]
    [InlineData("Juspay:BaseUrl:Uri", "Juspay:BaseUrl")]
    [InlineData("Merchants:RequireMatch:x", "Merchants:RequireMatch")]
    [InlineData("Merchants:shop_a:MerchantId:x", "Merchants:shop_a:MerchantId")]
    [InlineData("Webhooks:Senders", "Webhooks:Senders:shopify:Preset")]
    public void Read_SettingThatIsNotAtItsPlace_IsNamedWithoutItsValue(string name, string right)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read(("Merchants:shop_a:ApiKeySecretName", "a"), (name, "secretvalue"))).Problems);

        Assert.StartsWith(name + " ", problem, StringComparison.Ordinal);
        Assert.EndsWith(" Example: " + right, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secretvalue", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Webhooks:CustomerEvents", "a.deleted,b.deleted")]
    [InlineData("Webhooks:CustomerEvents", "a.deleted, b.deleted")]
    [InlineData("Webhooks:WalletEvents", "a.deleted\nb.deleted")]
    [InlineData("Webhooks:WalletEvents", "a.deleted\u00a0b.deleted")]
    public void Read_EventTypesWithAnotherSeparator_AreRefused(string name, string value)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, value))).Problems);

        Assert.StartsWith(name + " must be event types, separated by spaces and not by commas", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Juspay_MaxAttempts", "Juspay__MaxAttempts")]
    [InlineData("Webhooks_Senders:store:Preset", "Webhooks__Senders")]
    [InlineData("Merchants_shop_a:MerchantId", "Merchants__shop_a")]
    [InlineData("KeyVault_Uri", "KeyVault__Uri")]
    [InlineData("Audit_HashSecretName", "Audit__HashSecretName")]
    [InlineData("Intake_credential", "Intake__credential")]
    public void Read_NameWithOneUnderscore_IsNamedWithTheRightForm(string name, string right)
    {
        var problem = Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read((name, "secretvalue"))).Problems);

        Assert.StartsWith(name.Split(':')[0] + " is not a setting", problem, StringComparison.Ordinal);
        Assert.EndsWith(" Example: " + right, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secretvalue", problem, StringComparison.Ordinal);
    }

    /// <summary>Whoever looks ids up in audit records reads the key of the hashes, and could pay if it was an API key.</summary>
    [Theory]
    [InlineData("Juspay-API-Key", "KeyVault:ApiKeySecretName")]
    [InlineData("shop-a-key", "Merchants:shop_a:ApiKeySecretName")]
    public void Read_KeyOfTheHashesThatIsAnApiKey_IsRefused(string secret, string other) => Assert.StartsWith(
        $"Audit:HashSecretName names the same secret as {other};",
        Assert.Single(Assert.Throws<SettingsException>(() => TestSettings.Read(("Merchants:shop_a:ApiKeySecretName", "shop-a-key"), ("Audit:HashSecretName", secret))).Problems),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Logging:LogLevel:Default", "Information")]
    [InlineData("Justpays:X", "1")]
    [InlineData("Juspy", "1")]
    [InlineData("AUDIT", "1")]
    [InlineData("JUSPAY_API_KEY", "1")]
    [InlineData("KEYVAULT_URI", "https://another-vault.vault.azure.net")]
    public void Read_OtherPeoplesSettings_AreLeftAlone(string name, string value) => Assert.NotNull(TestSettings.Read((name, value)));

    [Fact]
    public void Read_SeveralUnusableSettings_NamesThemAllAtOnce()
    {
        var exception = Assert.Throws<SettingsException>(() => Settings.Read(new ConfigurationBuilder().Build()));

        Assert.Equal(2, exception.Problems.Count);
        Assert.Contains("Juspay:BaseUrl is missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("KeyVault:Uri is missing", exception.Message, StringComparison.Ordinal);
    }
}

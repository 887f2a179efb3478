using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WalletFunctions.Infrastructure.Tests;

[Collection(nameof(Deployments))]
public sealed class TemplateTests(Deployments deployments)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string Main = Path.Combine(Repository.Infra, "main.bicep");

    public static TheoryData<string> Environments => [.. Deployments.Environments];

    [Fact]
    public async Task Lint_FindsNothing()
    {
        var reports = LintReports(await Bicep.RunAsync("lint", "--pattern", "**/*.bicep*", "--diagnostics-format", "sarif"));

        Assert.Equal(Files.Count(), reports.Count);
        Assert.Empty(reports.SelectMany(rules => rules));
    }

    /// <summary>The linter ignores unknown rules, so it is tested with code that it must refuse.</summary>
    [Fact]
    public async Task Lint_OfCarelessTemplate_RefusesIt()
    {
        var careless = Path.Combine(Repository.Root, "tests", "WalletFunctions.Infrastructure.Tests", "Fixtures", "careless.bicep");

        var run = await Bicep.RunAsync("lint", careless, "--config", Path.Combine(Repository.Infra, "bicepconfig.json"), "--diagnostics-format", "sarif");

        Assert.NotEqual(0, run.ExitCode);
        string[] expected =
        [
            "BCP089", "no-hardcoded-env-urls", "no-hardcoded-location", "no-unused-params", "outputs-should-not-contain-secrets", "secure-secrets-in-params",
        ];
        Assert.Equal(expected, LintReports(run).Single().Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryFile_IsFormatted() => Assert.All(Files, file => Assert.Equal(deployments.Bicep.Format(file), File.ReadAllText(file)));

    [Fact]
    public void NothingComesFromTheNetwork() => Assert.All(
        Files,
        file => Assert.DoesNotMatch("'(br|ts)[:/]|(?m)^(extension|provider) ", File.ReadAllText(file)));

    /// <summary>
    /// The resources of each deployment are committed, so that a change shows its effect in the diff. To accept the new state, run the tests with
    /// UPDATE_SNAPSHOTS=1 and read the diff.
    /// </summary>
    [Theory]
    [MemberData(nameof(Environments))]
    public void Snapshot_IsTheCommittedOne(string environment)
    {
        var parameters = Path.Combine(Repository.Infra, $"{environment}.bicepparam");
        var snapshot = deployments.Bicep.Snapshot(parameters, $"rg-delink-{environment}").ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") is "1")
        {
            File.WriteAllText(Path.Combine(Repository.Infra, $"{environment}.snapshot.json"), snapshot);
        }

        Assert.Equal(snapshot, Deployments.CommittedText(environment));
    }

    /// <summary>A deployment's history shows all parameters, so none may be a secret. The values of secrets are stored after the deployment.</summary>
    [Fact]
    public void Template_TakesNoSecret()
    {
        var template = deployments.Bicep.Compile(Main);

        Assert.DoesNotContain("\"secure", template.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("list(Keys|Secrets)|getSecret", template.ToJsonString());
    }

    [Fact]
    public void Template_DescribesEveryParameterAndOutput()
    {
        var template = deployments.Bicep.Compile(Main);

        var described = template["parameters"]!.AsObject().Concat(template["outputs"]!.AsObject()).ToArray();
        Assert.True(described.Length > 20);
        Assert.All(described, item => Assert.NotNull(item.Value!["metadata"]?["description"]));
    }

    [Fact]
    public void EverySettingOfCore_CanBeSet() => Assert.Empty(
        Core.SettingNames().Except(deployments["every setting"].AppSettings.Select(setting => setting.Key)));

    [Fact]
    public void MerchantWithoutSettingsOfItsOwn_IsConfigured()
    {
        var settings = deployments["every setting"].AppSettings.Where(setting => setting.Key.Contains("__", StringComparison.Ordinal))
            .Select(setting => setting.Key is "KeyVault__Uri" ? KeyValuePair.Create(setting.Key, "https://my-vault.vault.azure.net")
                : setting.Key is "Intake__queueServiceUri" ? KeyValuePair.Create(setting.Key, "https://my-account.queue.core.windows.net")
                : setting.Key is "Intake__clientId" ? KeyValuePair.Create(setting.Key, Guid.Empty.ToString())
                : setting);

        Assert.Equal(["shop_a", "shop_b"], Core.ReadSettings(settings).Merchants.Select(merchant => merchant.Name));
    }

    [Fact]
    public void FixedAddress_IsTheOnlyWayOut()
    {
        foreach (var name in new[] { "private endpoints and a fixed address", "a public vault and a fixed address" })
        {
            var deployment = deployments[name];
            var address = deployment.One("Microsoft.Network/publicIPAddresses");
            var nat = deployment.One("Microsoft.Network/natGateways");
            var network = deployment.One("Microsoft.Network/virtualNetworks");

            Assert.Equal("Static", address.Text("properties.publicIPAllocationMethod"));
            Assert.Equal(address.Id, nat.Text("properties.publicIpAddresses.0.id"));
            Assert.Equal(nat.Id, network.Text("properties.subnets.0.properties.natGateway.id"));
            Assert.Equal($"{network.Id}/subnets/{network.Text("properties.subnets.0.name")}", deployment.App.Text("properties.virtualNetworkSubnetId"));
        }
    }

    [Fact]
    public void PrivateEndpoints_HaveNamesInTheNetwork()
    {
        var deployment = deployments["private endpoints and a fixed address"];

        Assert.Equal(2, deployment.All("Microsoft.Network/privateDnsZones").Count());
        Assert.Equal(2, deployment.All("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count());
        Assert.Equal(2, deployment.All("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count());
    }

    /// <summary>Regions support the API versions of the Azure Verified Modules earlier than the newest ones.</summary>
    [Fact]
    public void ApiVersions_AreNotTheNewest() => Assert.All(
        deployments["private endpoints and a fixed address"].Resources.Concat(deployments["prod"].Resources).DistinctBy(resource => resource.Type),
        resource => Assert.True(ApiVersions.TryGetValue(resource.Type, out var version) && resource.Is("apiVersion", version), $"{resource.Type} {resource.Text("apiVersion")}"));

    /// <summary>The API versions of the Azure Verified Modules of August 2026; in place of a preview, the stable version before it.</summary>
    private static readonly Dictionary<string, string> ApiVersions = new()
    {
        ["Microsoft.Authorization/roleAssignments"] = "2022-04-01",
        ["Microsoft.Consumption/budgets"] = "2024-08-01",
        ["Microsoft.EventGrid/systemTopics"] = "2025-02-15",
        ["Microsoft.EventGrid/systemTopics/eventSubscriptions"] = "2025-02-15",
        ["Microsoft.Insights/actionGroups"] = "2023-01-01",
        ["Microsoft.Insights/components"] = "2020-02-02",
        ["Microsoft.Insights/dataCollectionRules"] = "2024-03-11",
        ["Microsoft.Insights/diagnosticSettings"] = "2021-05-01-preview",
        ["Microsoft.Insights/metricAlerts"] = "2018-03-01",
        ["Microsoft.Insights/scheduledQueryRules"] = "2023-12-01",
        ["Microsoft.Insights/workbooks"] = "2023-06-01",
        ["Microsoft.KeyVault/vaults"] = "2024-11-01",
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = "2024-11-30",
        ["Microsoft.Network/natGateways"] = "2025-05-01",
        ["Microsoft.Network/privateDnsZones"] = "2024-06-01",
        ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] = "2024-06-01",
        ["Microsoft.Network/privateEndpoints"] = "2025-05-01",
        ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] = "2025-05-01",
        ["Microsoft.Network/publicIPAddresses"] = "2025-01-01",
        ["Microsoft.Network/virtualNetworks"] = "2025-05-01",
        ["Microsoft.OperationalInsights/workspaces"] = "2025-07-01",
        ["Microsoft.OperationalInsights/workspaces/tables"] = "2025-07-01",
        ["Microsoft.Storage/storageAccounts"] = "2025-06-01",
        ["Microsoft.Storage/storageAccounts/blobServices"] = "2025-01-01",
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = "2025-01-01",
        ["Microsoft.Web/serverfarms"] = "2025-03-01",
        ["Microsoft.Web/sites"] = "2025-03-01",
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = "2025-03-01",
        ["Microsoft.Web/sites/config"] = "2025-03-01",
    };

    /// <summary>An unset variable of GitHub is an empty text.</summary>
    [Fact]
    public async Task EmptyVariables_AreRefusedBeforeAnythingIsDeployed()
    {
        var variables = new[] { "ENTRA_CLIENT_ID", "ENTRA_CALLER_IDS", "SECRET_OFFICERS_GROUP_ID", "ALERT_EMAIL" };

        var (exitCode, _, errors) = await Bicep.RunAsync(variables.ToDictionary(name => name, _ => ""), "build-params", "prod.bicepparam", "--stdout");

        Assert.NotEqual(0, exitCode);
        Assert.Equal(variables.Length, errors.Split("Error BCP333").Length - 1);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("203.0.113.0/23")]
    // Key Vault accepts it, but a storage account does not.
    [InlineData("203.0.113.7/32")]
    public async Task OperatorAddresses_OfAnotherSize_AreRefusedBeforeAnythingIsDeployed(string range) =>
        Assert.Contains($"{range} is too wide or too narrow", await RefusalAsync($"param operatorAddresses = ['{range}']"), StringComparison.Ordinal);

    /// <summary>Two alerts look for reads of the last three hours.</summary>
    [Theory]
    [InlineData("01:00:01")]
    [InlineData("12:00:00")]
    [InlineData("1.00:00:00")]
    public async Task RefreshInterval_LongerThanTheAlertsAllow_IsRefusedBeforeAnythingIsDeployed(string interval) =>
        Assert.Contains($"{interval} is longer than 01:00:00", await RefusalAsync($"param keyVaultSettings = {'{'} refreshInterval: '{interval}' {'}'}"), StringComparison.Ordinal);

    private async Task<string> RefusalAsync(string parameter)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "wide.bicepparam");
        await File.WriteAllTextAsync(file, $"""
            using '{Path.GetRelativePath(AppContext.BaseDirectory, Main).Replace('\\', '/')}'
            param environmentName = 'test'
            param juspay = {'{'} baseUrl: 'https://sandbox.juspay.in' {'}'}
            param alertReceivers = [{'{'} kind: 'email', name: 'on-call', emailAddress: 'on-call@example.com' {'}'}]
            {parameter}
            """);

        return Assert.Throws<InvalidOperationException>(() => deployments.Bicep.Snapshot(file, "rg")).Message;
    }

    [Fact]
    public void RecoveredVault_IsAskedForByName()
    {
        Assert.Equal("recover", deployments["a vault brought back"].Vault.Text("properties.createMode"));
        Assert.Equal(deployments["a thousand instances"].Vault.Name, deployments["a vault brought back"].Vault.Name);
    }

    [Fact]
    public void UrgentReceivers_ReceiveSeverity1Only()
    {
        var deployment = deployments["more who are told at once"];
        var urgent = deployment.All("Microsoft.Insights/actionGroups").Last();

        Assert.Equal(("on-call-phone", "pager"), (urgent.Text("properties.smsReceivers.0.name"), urgent.Text("properties.webhookReceivers.0.name")));
        Assert.All(deployment.LogAlerts, alert => Assert.Equal(
            alert.Is("properties.severity", "1") ? 3 : 1, alert.Texts("properties.actions.actionGroups").Length));
        Assert.Contains("/actionGroups/teams", deployment.MetricAlerts.Single().Text("properties.actions.2.actionGroupId"), StringComparison.Ordinal);
    }

    [Fact]
    public void ThousandInstances_HaveASubnetForThem() =>
        Assert.Equal("10.71.0.0/21", deployments["a thousand instances"].Network!.Text("properties.subnets.0.properties.addressPrefix"));

    [Fact]
    public void ParameterFiles_ReadNoOtherVariableThanTheReadmeNames()
    {
        var readme = Repository.Read("infra", "README.md");
        var read = Deployments.Environments
            .SelectMany(environment => Repository.Read("infra", $"{environment}.bicepparam").Split("readEnvironmentVariable('")[1..])
            .Select(rest => rest.Split('\'')[0]).ToHashSet();

        Assert.Equal(Bicep.OperatorsVariableNames.Order(), read.Order());
        Assert.All(read, name => Assert.Contains($"`{name}`", readme, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Repository.Infra, "*.bicep*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".bicep" or ".bicepparam");

    /// <summary>The violated rules, one list for each file, from the SARIF documents that follow each other in one of the two streams.</summary>
    private static List<string[]> LintReports((int ExitCode, string Output, string Errors) run)
    {
        var reports = new List<string[]>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(run.Output + run.Errors), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            var report = JsonNode.Parse(ref reader)!;
            reports.Add([.. report["runs"]!.AsArray().SelectMany(one => one!["results"]!.AsArray()).Select(result => (string)result!["ruleId"]!)]);
        }

        return reports;
    }
}

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>One mistake.</summary>
/// <param name="Policy">The policy that must detect it.</param>
/// <param name="Name">The mistake.</param>
/// <param name="Change">Makes the mistake.</param>
/// <param name="Environment">The environment.</param>
internal sealed record Breakage(string Policy, string Name, Action<Deployment> Change, string Environment = "prod");

/// <summary>Mistakes that the policies are tested with.</summary>
internal static class Planted
{
    private const string PrivateEndpoints = "private endpoints and a fixed address";

    public static IReadOnlyList<(string Name, Action<Deployment> Change, string Deployment)> All { get; } =
    [
        ("the vault is open to every address", d => d.Vault.Set("properties.networkAcls.ipRules", Addresses("0.0.0.0/0")), "prod"),
        ("tokens of any tenant are accepted", d => d.Authentication.Single()
            .Set("properties.identityProviders.azureActiveDirectory.registration.openIdIssuer", "https://login.microsoftonline.com/common/v2.0"), "prod"),
        ("browsers may call from every site", d => d.App.Set("properties.siteConfig.cors", Json("""{"allowedOrigins":["*"]}""")), "prod"),
        ("the deployment endpoint speaks TLS 1.0", d => d.App.Set("properties.siteConfig.scmMinTlsVersion", "1.0"), "prod"),
        ("the subnet is delegated to another service", d => d.One("Microsoft.Network/virtualNetworks")
            .Set("properties.subnets.0.properties.delegations.0.properties.serviceName", "Microsoft.Web/serverFarms"), "prod"),
        ("the host's storage is read by the principal's id", d => d.Setting("AzureWebJobsStorage__clientId")["value"] =
            d.Setting("AzureWebJobsStorage__clientId")["value"]!.ToString().Replace("clientId", "principalId", StringComparison.Ordinal), "prod"),
        ("telemetry is sent by an identity that is not named", d => d.Setting("APPLICATIONINSIGHTS_AUTHENTICATION_STRING")["value"] = "Authorization=AAD", "prod"),
        ("an alert fires only at a million rows", d => d.LogAlerts.First().Set("properties.criteria.allOf.0.threshold", 1_000_000), "prod"),
        ("the budget notifies at 8000 %", d => d.Budgets.Single().Set("properties.notifications.spent.threshold", 8000), "prod"),
        ("prod requires no token", d => d.Remove(d.Authentication.Single()), "prod"),
        ("storage is open to a sixty-fourth of the internet", d => d.Storage.Set("properties.networkAcls.ipRules", Addresses("20.0.0.0/6")), "prod"),
        ("the vault trusts a subnet that may not exist", d => d.Vault
            .Set("properties.networkAcls.virtualNetworkRules.0.ignoreMissingVnetServiceEndpoint", true), "prod"),
        ("the app reads the vault with another identity", d => d.Setting("AZURE_CLIENT_ID")["value"] = "7c1d2e90-13ab-4c55-b6a2-9d8e7f605142", "prod"),
        ("the package comes from another account", d => d.App
            .Set("properties.functionAppConfig.deployment.storage.value", "https://elsewhere.blob.core.windows.net/packages"), "prod"),
        ("the package is read with another identity", d => d.App.Set(
            "properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId", d.Identity.Id + "-other"), "prod"),
        ("a debugger may attach", d => d.App.Set("properties.siteConfig.remoteDebuggingEnabled", true), "prod"),
        ("the platform logs every request", d => d.App.Set("properties.siteConfig.httpLoggingEnabled", true), "prod"),
        ("an alert queries another workspace", d => d.LogAlerts.Last().Set("properties.scopes.0", d.Workspace.Id + "-other"), "prod"),
        ("an alert is evaluated four times a day", d =>
        {
            d.LogAlerts.First().Set("properties.evaluationFrequency", "PT6H");
            d.LogAlerts.First().Set("properties.windowSize", "P1D");
        }, "prod"),
        ("the alert about Juspay's refusal of the key has severity 4", d => d.Alert("juspay-refuses-key").Set("properties.severity", 4), "prod"),
        ("an alert fires only after six evaluations in a row", d => d.LogAlerts.First().Set(
            "properties.criteria.allOf.0.failingPeriods", Json("""{"numberOfEvaluationPeriods":6,"minFailingPeriodsToAlert":6}""")), "prod"),
        ("the vault's alert counts 404 instead of 403", d => d.MetricAlerts.Single()
            .Set("properties.criteria.allOf.0.dimensions.0.values.0", "404"), "prod"),
        ("the alert about expiry covers only one secret", d => d.VaultEvents.First().Set("properties.filter.subjectBeginsWith", "something-else"), "prod"),
        ("audit records are searchable for only a month", d => d.AuditTables.First().Set("properties.retentionInDays", 31), "prod"),
        ("nine of ten records are dropped", d => d.Insights.Set("properties.SamplingPercentage", 10), "prod"),
        ("telemetry goes to another workspace", d => d.Insights.Set("properties.WorkspaceResourceId", d.Workspace.Id + "-other"), "prod"),
        ("addresses of callers are stored", d => d.Insights.Set("properties.DisableIpMasking", true), "prod"),
        ("storage has users with passwords", d =>
        {
            d.Storage.Set("properties.isSftpEnabled", true);
            d.Storage.Set("properties.isLocalUserEnabled", true);
        }, "prod"),
        ("tokens for Azure's management are accepted", d => d.Authentication.Single()
            .List("properties.identityProviders.azureActiveDirectory.validation.allowedAudiences").Add("https://management.core.windows.net/"), "prod"),
        ("another identity provider is accepted as well", d => d.Authentication.Single()
            .Set("properties.identityProviders.gitHub", Json("""{"enabled":true,"registration":{"clientId":"x"}}""")), "prod"),
        ("another function is always ready", d => d.App
            .Set("properties.functionAppConfig.scaleAndConcurrency.alwaysReady.0.name", "function:Health"), "prod"),
        ("a hundred instances in a subnet for sixty", d => d.App
            .Set("properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount", 100), "prod"),
        ("the vault's private DNS zone is that of another service", d => d.All("Microsoft.Network/privateDnsZones").First()
            .Set("name", "privatelink.azurewebsites.net"), PrivateEndpoints),
        ("prod uses Juspay's sandbox", d => d.Setting("Juspay__BaseUrl")["value"] = "https://sandbox.juspay.in", "prod"),
        ("a rotated key is noticed a day later", d => d.AddSetting("KeyVault__RefreshInterval", "1.00:00:00"), "prod"),
        ("public access to the app is off", d => d.App.Set("properties.publicNetworkAccess", "Disabled"), "prod"),
        ("the workspace stores URLs again", d => d.Flow("AppRequests").Set("transformKql", "source"), "prod"),
        ("audit records are kept for longer than Azure allows", d => d.AuditTables.First().Set("properties.totalRetentionInDays", 800), "prod"),
        ("the budget is for a year", d => d.Budgets.Single().Set("properties.timeGrain", "Annually"), "prod"),
        ("an alert is muted for a day after it fires", d => d.LogAlerts.First().Set("properties.muteActionsDuration", "P1D"), "prod"),
    ];

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    private static JsonArray Addresses(string range) => new(new JsonObject { ["value"] = range });
}

/// <summary>The breakages that are tried, each with the policy that must report it.</summary>
internal static class Breakages
{
    private const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
    private const string Entra = "properties.identityProviders.azureActiveDirectory.validation";

    public static IReadOnlyList<Breakage> All { get; } =
    [
        new("EachIdentityHasExactlyTheRolesItNeeds", "an additional role", d => Resources(d).Add(Elsewhere(Role(d, "4633458b"), d.Storage))),
        new("EachIdentityHasExactlyTheRolesItNeeds", "the app may write secrets", d => Role(d, "4633458b")
            .Set("properties.roleDefinitionId", "/providers/Microsoft.Authorization/roleDefinitions/b86a8fe4-44ce-4948-aee5-eccb2c155cd7")),
        new("EachIdentityHasExactlyTheRolesItNeeds", "a role at the resource group", d => Role(d, "b7e6dc6d")
            .Set("id", "/subscriptions/x/resourceGroups/y/providers/Microsoft.Authorization/roleAssignments/z")),
        new("EachIdentityHasExactlyTheRolesItNeeds", "another identity", d => Role(d, "3913510d")
            .Set("properties.principalId", "7c1d2e90-13ab-4c55-b6a2-9d8e7f605142")),
        new("EachIdentityHasExactlyTheRolesItNeeds", "no role at the vault", d => Remove(d, Role(d, "4633458b"))),

        new("NothingHasAKeyOrPasswordOfItsOwn", "storage keys", d => d.Storage.Set("properties.allowSharedKeyAccess", true)),
        new("NothingHasAKeyOrPasswordOfItsOwn", "storage keys by default", d => d.Storage.Set("properties.allowSharedKeyAccess", null)),
        new("NothingHasAKeyOrPasswordOfItsOwn", "telemetry without a token", d => d.Insights.Set("properties.DisableLocalAuth", false)),
        new("NothingHasAKeyOrPasswordOfItsOwn", "workspace keys", d => d.Workspace.Set("properties.features.disableLocalAuth", false)),
        new("NothingHasAKeyOrPasswordOfItsOwn", "publishing with a password", d => d.BasicPublishing.Last().Set("properties.allow", true)),
        new("NothingHasAKeyOrPasswordOfItsOwn", "a second identity", d => d.App.Set("identity.type", "SystemAssigned, UserAssigned")),
        new("NothingHasAKeyOrPasswordOfItsOwn", "the package read with a key", d => d.App
            .Set("properties.functionAppConfig.deployment.storage.authentication.type", "StorageAccountConnectionString")),
        new("NothingHasAKeyOrPasswordOfItsOwn", "other credentials", d => Setting(d, "AZURE_TOKEN_CREDENTIALS")["value"] = "prod"),

        new("NoBlobIsPublic", "the account allows it", d => d.Storage.Set("properties.allowBlobPublicAccess", true)),
        new("NoBlobIsPublic", "the container allows it", d => d.One("Microsoft.Storage/storageAccounts/blobServices/containers")
            .Set("properties.publicAccess", "Blob")),

        new("OnlyTls12AndHttpsAreSpoken", "storage, TLS 1.0", d => d.Storage.Set("properties.minimumTlsVersion", "TLS1_0")),
        new("OnlyTls12AndHttpsAreSpoken", "storage, http", d => d.Storage.Set("properties.supportsHttpsTrafficOnly", false)),
        new("OnlyTls12AndHttpsAreSpoken", "app, TLS 1.0", d => d.App.Set("properties.siteConfig.minTlsVersion", "1.0")),
        new("OnlyTls12AndHttpsAreSpoken", "app, http", d => d.App.Set("properties.httpsOnly", false)),

        new("TheVaultKeepsWhatItHeld", "purge in prod", d => d.Vault.Set("properties.enablePurgeProtection", null)),
        new("TheVaultKeepsWhatItHeld", "purge in test", d => d.Vault.Set("properties.enablePurgeProtection", null), "test"),
        new("TheVaultKeepsWhatItHeld", "access policies", d => d.Vault.Set("properties.enableRbacAuthorization", false)),
        new("TheVaultKeepsWhatItHeld", "kept for a week", d => d.Vault.Set("properties.softDeleteRetentionInDays", 7), "dev"),
        new("TheVaultKeepsWhatItHeld", "deployments read secrets", d => d.Vault.Set("properties.enabledForTemplateDeployment", true)),

        new("TheVaultIsAudited", "no audit log", d => Remove(d, d.DiagnosticSettings.Single()), "dev"),
        new("TheVaultIsAudited", "switched off", d => d.DiagnosticSettings.Single().Set("properties.logs.0.enabled", false)),
        new("TheVaultIsAudited", "into the common table", d => d.DiagnosticSettings.Single().Set("properties.logAnalyticsDestinationType", null)),

        new("ClosedNetworksAreClosed", "an open vault", d => d.Vault.Set("properties.networkAcls.defaultAction", "Allow")),
        new("ClosedNetworksAreClosed", "open storage", d => d.Storage.Set("properties.networkAcls.defaultAction", "Allow"), "test"),
        new("ClosedNetworksAreClosed", "services of Azure pass", d => d.Vault.Set("properties.networkAcls.bypass", "AzureServices")),
        new("ClosedNetworksAreClosed", "an address of nobody", d => d.Storage.Set("properties.networkAcls.ipRules", JsonNode.Parse("""[{"value":"203.0.113.7"}]""")), "test"),
        new("ClosedNetworksAreClosed", "the app is shut out", d => d.Vault.Set("properties.networkAcls.virtualNetworkRules", new JsonArray())),
        new("ClosedNetworksAreClosed", "the app is not in the network", d => d.App.Set("properties.virtualNetworkSubnetId", null)),

        new("NoSiteConfigThatFlexRefuses", "linuxFxVersion", d => d.App.Set("properties.siteConfig.linuxFxVersion", "DOTNET-ISOLATED|10.0")),
        new("NoSiteConfigThatFlexRefuses", "alwaysOn", d => d.App.Set("properties.siteConfig.alwaysOn", false)),
        new("NoSiteConfigThatFlexRefuses", "ftpsState", d => d.App.Set("properties.siteConfig.ftpsState", "Disabled")),

        new("NoAppSettingThatFlexRefuses", "FUNCTIONS_WORKER_RUNTIME", d => AddSetting(d, "FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated")),
        new("NoAppSettingThatFlexRefuses", "a name with a hyphen", d => AddSetting(d, "shop-a", "ShopA")),
        new("NoAppSettingThatFlexRefuses", "a name twice", d => AddSetting(d, "AZURE_CLIENT_ID", "x")),

        new("TheSettingsAreThoseThatCoreReads", "no Juspay:BaseUrl", d => RemoveSetting(d, "Juspay__BaseUrl")),
        new("TheSettingsAreThoseThatCoreReads", "no KeyVault:Uri", d => RemoveSetting(d, "KeyVault__Uri")),
        new("EveryReferenceIsToThisDeploymentsOwn", "no client id", d => RemoveSetting(d, "AZURE_CLIENT_ID")),
        new("TheSettingsAreThoseThatCoreReads", "a misspelt setting", d => AddSetting(d, "Juspay__TimeOut", "00:00:05")),
        new("TheSettingsAreThoseThatCoreReads", "an unknown setting", d => AddSetting(d, "JuspayTimeout", "00:00:05")),
        new("TheSettingsAreThoseThatCoreReads", "http to Juspay", d => Setting(d, "Juspay__BaseUrl")["value"] = "http://api.juspay.in"),
        new("TheSettingsAreThoseThatCoreReads", "merchants required, but none configured", d => Setting(d, "Merchants__RequireMatch")["value"] = "True"),
        new("TheSettingsAreThoseThatCoreReads", "another vault", d => Setting(d, "KeyVault__Uri")["value"] = "https://other.vault.azure.net"),

        new("SizesAreWithinBounds", "another plan", d => d.One("Microsoft.Web/serverfarms").Set("sku.name", "EP1")),
        new("SizesAreWithinBounds", "4 GB", d => d.App.Set($"{Scale}.instanceMemoryMB", 4096)),
        new("SizesAreWithinBounds", "a thousand instances", d => d.App.Set($"{Scale}.maximumInstanceCount", 1000)),
        new("SizesAreWithinBounds", "fewer than a region may take", d => d.App.Set($"{Scale}.maximumInstanceCount", 1)),
        new("SizesAreWithinBounds", "ten always ready", d => d.App.Set($"{Scale}.alwaysReady.0.instanceCount", 10)),
        new("SizesAreWithinBounds", "an older runtime", d => d.App.Set("properties.functionAppConfig.runtime.version", "8.0")),

        new("EveryAlertHasAReceiver", "a log alert without a receiver", d => d.LogAlerts.Last().Set("properties.actions.actionGroups", new JsonArray())),
        new("EveryAlertHasAReceiver", "the metric alert without a receiver", d => d.MetricAlerts.Single().Set("properties.actions", new JsonArray())),
        new("EveryAlertHasAReceiver", "events without a receiver", d => d.VaultEvents.First()
            .Set("properties.destination.properties.actionGroups", new JsonArray())),
        new("EveryAlertHasAReceiver", "the budget without a receiver", d => d.Budgets.Single()
            .Set("properties.notifications.spent.contactGroups", new JsonArray())),
        new("EveryAlertHasAReceiver", "an action group without receivers", d => d.ActionGroup.Set("properties.emailReceivers", new JsonArray())),
        new("EveryAlertHasAReceiver", "an alert switched off", d => d.LogAlerts.First().Set("properties.enabled", false)),

        new("LogAlertsLookBackOverWhatArrivesLate", "the last minutes only", d => d.LogAlerts.First().Set("properties.windowSize", "PT5M")),

        new("NoAlertIsMissing", "no alert about Juspay's refusal", d => Remove(d, d.LogAlerts
            .Single(alert => d.ShortName(alert) is "juspay-refuses-key"))),
        new("NoAlertIsMissing", "no alert about denials", d => Remove(d, d.MetricAlerts.Single())),
        new("TheBudgetNotifiesBeforeItIsSpent", "no budget", d => Remove(d, d.Budgets.Single())),
        new("TheBudgetNotifiesBeforeItIsSpent", "a start that moves", d => d.Budgets.Single().Set("properties.timePeriod.startDate", "[utcNow('yyyy-MM-01')]")),
        new("AlertsFireSoon", "an alert with too high a threshold", d => d.LogAlerts.First().Set("properties.criteria.allOf.0.threshold", 50)),
        new("NoIdAndNoFloodIsStored", "no transformations", d => d.Workspace.Json["properties"]!.AsObject().Remove("defaultDataCollectionRuleResourceId")),
        new("NoIdAndNoFloodIsStored", "forged webhooks are stored", d => d.Flow("AppTraces").Set("transformKql", "source")),
        new("PrivateNamesLeadToTheirServices", "an endpoint of another service", d => d.All("Microsoft.Network/privateEndpoints").First()
            .Set("properties.privateLinkServiceConnections.0.properties.groupIds.0", "table"), Endpoints),
        new("NoAddressRangeIsWide", "half the internet", d => d.Vault.Set("properties.networkAcls.ipRules", JsonNode.Parse("""[{"value":"128.0.0.0/1"}]"""))),
        new("TheNetworkFitsTheApp", "a smaller subnet", d => d.Network!.Set("properties.subnets.0.properties.addressPrefix", "10.71.0.0/28")),
        new("TheNetworkFitsTheApp", "no service endpoints", d => d.Network!.Set("properties.subnets.0.properties.serviceEndpoints", new JsonArray())),
        new("EveryReferenceIsToThisDeploymentsOwn", "another storage account", d => d.Setting("AzureWebJobsStorage__accountName")["value"] = "elsewhere"),
        new("NothingIsSetThatWasNotConsidered", "a web socket", d => d.App.Set("properties.siteConfig.webSocketsEnabled", true)),
        new("NothingIsSetThatWasNotConsidered", "another tier of the vault", d => d.Vault.Set("properties.sku.name", "premium")),
        new("NothingIsSetThatWasNotConsidered", "an alert without the property enabled", d => d.LogAlerts.First().Json["properties"]!.AsObject().Remove("enabled")),
        new("TheQueuesAreThoseOfTheApp", "the app uses queues that do not exist", d => d.AddSetting("Webhooks__Intake", "queue")),
        new("EveryResourceExistsInItsRegion", "no workbook", d => Remove(d, d.One("Microsoft.Insights/workbooks"))),
        new("EveryResourceExistsInItsRegion", "another region", d => d.Storage.Set("location", "westeurope")),
        new("OnlyTokensOfThisTenantForThisAppAreTaken", "no registration", d => Auth(d)
            .Set("properties.identityProviders.azureActiveDirectory.registration.clientId", "")),
        new("TheSettingsAreThoseThatCoreReads", "the host's home page", d => d.Setting("AzureWebJobsDisableHomepage")["value"] = "false"),
        new("NoAlertIsMissing", "no alert about expiry", d => d.VaultEvents.First()
            .Set("properties.filter.includedEventTypes.0", "Microsoft.KeyVault.SecretNewVersionCreated")),

        new("QueriesNameWhatCoreLogs", "an event that Core does not log", d => Requery(d, "delink_audit ", "delink_done ")),
        new("QueriesNameWhatCoreLogs", "a field that the event does not have", d => Requery(d, " outcome=", " result=")),
        new("QueriesNameWhatCoreLogs", "an unknown outcome", d => Requery(d, "juspay_unauthenticated", "juspay_unauthorized")),
        new("QueriesNameWhatCoreLogs", "a field extracted differently", d => Requery(d, @"=(\S+)", @"='(\S+)'")),

        new("AuditRecordsAreKeptAndTheLogIsCapped", "audit records for a week", d => d.AuditTables.First()
            .Set("properties.totalRetentionInDays", 7)),
        new("AuditRecordsAreKeptAndTheLogIsCapped", "Key Vault's audit log is not kept", d => Remove(d, d.AuditTables.Last())),
        new("AuditRecordsAreKeptAndTheLogIsCapped", "no cap", d => d.Workspace.Set("properties.workspaceCapping.dailyQuotaGb", -1), "dev"),

        new("OnlyAnonymousRoutesGoWithoutAToken", "the wallets", d => Excluded(d).Add("/wallets/*")),
        new("OnlyAnonymousRoutesGoWithoutAToken", "readiness too", d => Excluded(d)[0] = "/health*"),
        new("OnlyAnonymousRoutesGoWithoutAToken", "an unknown route", d => Excluded(d).Add("/status")),
        new("OnlyAnonymousRoutesGoWithoutAToken", "no webhooks", d => Excluded(d).RemoveAt(1)),
        new("OnlyAnonymousRoutesGoWithoutAToken", "no token is required", d => Auth(d).Set("properties.globalValidation.requireAuthentication", false)),
        new("OnlyAnonymousRoutesGoWithoutAToken", "a login page", d => Auth(d)
            .Set("properties.globalValidation.unauthenticatedClientAction", "RedirectToLoginPage")),
        new("OnlyAnonymousRoutesGoWithoutAToken", "every application", d => Auth(d)
            .Set($"{Entra}.defaultAuthorizationPolicy.allowedApplications", new JsonArray())),
        new("OnlyAnonymousRoutesGoWithoutAToken", "every audience", d => Auth(d).Set($"{Entra}.allowedAudiences", null), "test"),

        new("NoSecretIsDeployedOrShown", "a secret's value", d => Resources(d).Add(new JsonObject
        {
            ["id"] = d.Vault.Id + "/secrets/juspay-api-key",
            ["type"] = "Microsoft.KeyVault/vaults/secrets",
            ["name"] = d.Vault.Name + "/juspay-api-key",
        })),
        new("NoSecretIsDeployedOrShown", "an additional output", d => d.Snapshot["outputs"]!["functionKey"] = "x"),
        new("NoSecretIsDeployedOrShown", "a key in an output", d => d.Snapshot["outputs"]!["hostName"] = "[listKeys('x', '2025-03-01').functionKeys.default]"),
    ];

    public static TheoryData<string> Names => [.. All.Select(breakage => breakage.Name)];

    private static JsonArray Resources(Deployment deployment) => deployment.Snapshot["predictedResources"]!.AsArray();

    private static void Remove(Deployment deployment, Resource resource) => deployment.Remove(resource);

    private static JsonObject Elsewhere(Resource assignment, Resource scope)
    {
        var copy = assignment.Json.DeepClone().AsObject();
        copy["id"] = scope.Id + "/providers/Microsoft.Authorization/roleAssignments/" + assignment.Name;
        return copy;
    }

    private static Resource Role(Deployment deployment, string roleId) => deployment.RoleAssignments
        .Single(role => role.Text("properties.roleDefinitionId")!.Contains(roleId, StringComparison.Ordinal));

    private static JsonArray AppSettings(Deployment deployment) => deployment.App.List("properties.siteConfig.appSettings");

    private static JsonNode Setting(Deployment deployment, string name) => AppSettings(deployment).Single(setting => (string?)setting!["name"] == name)!;

    private static void AddSetting(Deployment deployment, string name, string value) =>
        AppSettings(deployment).Add(new JsonObject { ["name"] = name, ["value"] = value });

    private static void RemoveSetting(Deployment deployment, string name) => AppSettings(deployment).Remove(Setting(deployment, name));

    private const string Endpoints = "private endpoints and a fixed address";

    private static Resource Auth(Deployment deployment) => deployment.One("Microsoft.Web/sites/config");

    private static JsonArray Excluded(Deployment deployment) => Auth(deployment).List("properties.globalValidation.excludedPaths");

    private static void Requery(Deployment deployment, string old, string replacement)
    {
        const string Query = "properties.criteria.allOf.0.query";
        var alert = deployment.LogAlerts.Single(alert => deployment.ShortName(alert) is "juspay-refuses-key");
        Assert.Contains(old, alert.Text(Query), StringComparison.Ordinal);
        alert.Set(Query, alert.Text(Query)!.Replace(old, replacement, StringComparison.Ordinal));
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>Something that holds of every deployment.</summary>
/// <param name="Name">The rule, as a sentence without spaces.</param>
/// <param name="Violations">What breaks it; empty if nothing does.</param>
internal sealed record Policy(string Name, Func<Deployment, IEnumerable<string>> Violations)
{
    public override string ToString() => Name;
}

/// <summary>All of them.</summary>
internal static partial class Policies
{
    private const string SecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    private const string SecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string BlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string MetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";

    // Newer regions refuse these on Flex Consumption with error 51021. Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
    private static readonly string[] SiteConfigForbiddenOnFlex =
    [
        "alwaysOn", "ftpsState", "functionAppScaleLimit", "functionsRuntimeScaleMonitoringEnabled", "linuxFxVersion", "netFrameworkVersion",
        "preWarmedInstanceCount", "use32BitWorkerProcess", "windowsFxVersion",
    ];

    // Source: https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
    private static readonly string[] AppSettingsForbiddenOnFlex =
    [
        "ENABLE_ORYX_BUILD", "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "SCM_DO_BUILD_DURING_DEPLOYMENT",
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTOVERVNET", "WEBSITE_CONTENTSHARE", "WEBSITE_RUN_FROM_PACKAGE",
        "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED",
    ];

    // Read by the Functions host, or by Core outside its sections.
    private static readonly string[] AppSettingsOfThePlatform =
    [
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS",
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
    ];

    private static readonly string[] Alerts =
    [
        "failure-rate", "host-error", "internal-error", "juspay-refuses-key", "key-vault-denied", "log-cap-reached", "no-answer-in-time", "secret-expired",
        "secret-unavailable",
    ];

    [GeneratedRegex(@"(?:Message|Text) startswith ""(?<event>[a-z_]+) """)]
    private static partial Regex EventInQuery { get; }

    [GeneratedRegex(@"extract\(@"" (?<field>[a-z_]+)=\(\\S\+\)"", 1, Message\)")]
    private static partial Regex FieldInQuery { get; }

    [GeneratedRegex(@"\bOutcome == ""(?<word>[^""]+)""")]
    private static partial Regex OutcomeInQuery { get; }

    [GeneratedRegex("list(Keys|Secrets|AccountSas|ServiceSas)|getSecret|AccountKey=|InstrumentationKey=|[?&](code|sig)=", RegexOptions.IgnoreCase)]
    private static partial Regex SecretInText { get; }

    [GeneratedRegex("^[A-Za-z0-9_.]+$")]
    private static partial Regex NameOnLinux { get; }

    public static IReadOnlyList<Policy> All { get; } =
    [
        new("EachIdentityHasExactlyTheRolesItNeeds", Roles),
        new("NothingHasAKeyOrPasswordOfItsOwn", SharedCredentials),
        new("NoBlobIsPublic", PublicBlobs),
        new("OnlyTls12AndHttpsAreSpoken", Encryption),
        new("TheVaultKeepsWhatItHeld", VaultProtection),
        new("TheVaultIsAudited", VaultAudit),
        new("ClosedNetworksAreClosed", Networks),
        new("NoSiteConfigThatFlexRefuses", SiteConfig),
        new("NoAppSettingThatFlexRefuses", AppSettings),
        new("TheSettingsAreThoseThatCoreReads", CoreSettings),
        new("SizesAreWithinBounds", Sizes),
        new("EveryAlertTellsSomebody", AlertReceivers),
        new("LogAlertsLookBackOverWhatArrivesLate", AlertWindows),
        new("NoAlertIsMissing", AlertNames),
        new("QueriesNameWhatCoreLogs", Queries),
        new("AuditRecordsAreKeptAndTheLogIsCapped", Retention),
        new("OnlyAnonymousRoutesGoWithoutAToken", Authentication),
        new("NoSecretIsDeployedOrShown", Secrets),
    ];

    private static IEnumerable<string> Roles(Deployment deployment)
    {
        string[] expected =
        [
            $"identity {SecretsUser} {deployment.Vault.Id}",
            $"identity {BlobDataOwner} {deployment.Storage.Id}",
            $"identity {MetricsPublisher} {deployment.Insights.Id}",
            $"officer {SecretsOfficer} {deployment.Vault.Id}",
        ];
        var actual = deployment.RoleAssignments.Select(assignment =>
        {
            var who = assignment.Text("properties.principalId")!.Contains($"'{deployment.Identity.Id}'", StringComparison.Ordinal) ? "identity" : "officer";
            return $"{who} {assignment.Text("properties.roleDefinitionId")!.Split('/')[^1]} {assignment.Scope}";
        });
        return Differences(expected, actual);
    }

    private static IEnumerable<string> SharedCredentials(Deployment deployment)
    {
        var app = deployment.App;
        return Unless(
            (deployment.Storage.Is("properties.allowSharedKeyAccess", "false"), "the storage account has keys"),
            (deployment.Insights.Is("properties.DisableLocalAuth", "true"), "Application Insights takes telemetry from anybody"),
            (deployment.Workspace.Is("properties.features.disableLocalAuth", "true"), "the workspace has keys"),
            (deployment.BasicPublishing.Count(policy => policy.Is("properties.allow", "false")) is 2,
                "the app can be deployed to with a password"),
            (app.Is("identity.type", "UserAssigned") && app.At("identity.userAssignedIdentities") is JsonObject { Count: 1 } identities
                && identities.ContainsKey(deployment.Identity.Id), "the app is not the identity, and it alone"),
            (app.Is("properties.functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"), "the package is read with a key"),
            (deployment.AppSettings.Contains(new("AzureWebJobsStorage__credential", "managedidentity")), "the host reads its storage with a key"),
            (deployment.AppSettings.Contains(new("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")), "the app may try other credentials"));
    }

    private static IEnumerable<string> PublicBlobs(Deployment deployment) => Unless(
        (deployment.Storage.Is("properties.allowBlobPublicAccess", "false"), "the storage account allows public blobs"),
        (deployment.All("Microsoft.Storage/storageAccounts/blobServices/containers").All(container => container.Is("properties.publicAccess", "None")),
            "a container is public"));

    private static IEnumerable<string> Encryption(Deployment deployment) => Unless(
        (deployment.Storage.Is("properties.minimumTlsVersion", "TLS1_2"), "storage speaks older TLS"),
        (deployment.Storage.Is("properties.supportsHttpsTrafficOnly", "true"), "storage speaks http"),
        (deployment.App.Is("properties.siteConfig.minTlsVersion", "1.2"), "the app speaks older TLS"),
        (deployment.App.Is("properties.httpsOnly", "true"), "the app speaks http"));

    private static IEnumerable<string> VaultProtection(Deployment deployment)
    {
        var vault = deployment.Vault;
        return Unless(
            (vault.Is("properties.enableRbacAuthorization", "true"), "access policies decide"),
            (vault.Is("properties.enableSoftDelete", "true") && vault.Is("properties.softDeleteRetentionInDays", "90"), "deleted secrets are soon gone"),
            (deployment.IsDisposable || vault.Is("properties.enablePurgeProtection", "true"), "the vault can be purged"),
            (vault.Is("properties.enabledForDeployment", "false"), "machines can read certificates"),
            (vault.Is("properties.enabledForDiskEncryption", "false"), "disk encryption can read"),
            (vault.Is("properties.enabledForTemplateDeployment", "false"), "deployments can read"));
    }

    private static IEnumerable<string> VaultAudit(Deployment deployment)
    {
        var audit = deployment.DiagnosticSettings.Where(setting => setting.Scope == deployment.Vault.Id).ToArray();
        return Unless(
            (audit.SelectMany(setting => setting.List("properties.logs")).Any(log => (string?)log!["categoryGroup"] is "audit" && (bool)log["enabled"]!),
                "no audit log"),
            (audit.All(setting => setting.Is("properties.workspaceId", deployment.Workspace.Id)), "it goes elsewhere"),
            (audit.All(setting => setting.Is("properties.logAnalyticsDestinationType", "Dedicated")), "it goes to the common table, which is not kept long"));
    }

    private static IEnumerable<string> Networks(Deployment deployment)
    {
        if (deployment.NetworkMode is "public")
        {
            return [];
        }

        var subnet = deployment.App.Text("properties.virtualNetworkSubnetId") ?? "";
        var network = deployment.One("Microsoft.Network/virtualNetworks");
        var isPrivate = deployment.NetworkMode is "privateEndpoint";
        return new[] { deployment.Vault, deployment.Storage }.SelectMany(resource => Unless(
            (resource.Is("properties.networkAcls.defaultAction", "Deny"), $"{resource.Type} is open"),
            (resource.Is("properties.networkAcls.bypass", "None"), $"{resource.Type} lets services of Azure pass"),
            (isPrivate
                ? resource.Is("properties.publicNetworkAccess", "Disabled") && deployment.All("Microsoft.Network/privateEndpoints")
                    .Any(endpoint => endpoint.Is("properties.privateLinkServiceConnections.0.properties.privateLinkServiceId", resource.Id))
                : resource.List("properties.networkAcls.virtualNetworkRules") is [var rule] && (string)rule!["id"]! == subnet,
                $"{resource.Type} does not admit the app, or others too")))
            .Concat(Unless((subnet.StartsWith(network.Id, StringComparison.Ordinal), "the app is outside the network")));
    }

    private static IEnumerable<string> SiteConfig(Deployment deployment) =>
        ((JsonObject)deployment.App.At("properties.siteConfig")!).Select(property => property.Key)
            .Intersect(SiteConfigForbiddenOnFlex, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> AppSettings(Deployment deployment)
    {
        var names = deployment.AppSettings.Select(setting => setting.Key).ToArray();
        return
        [
            .. names.Intersect(AppSettingsForbiddenOnFlex, StringComparer.OrdinalIgnoreCase),
            .. names.Where(name => !NameOnLinux.IsMatch(name)),
            .. names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => $"{group.Key} twice"),
        ];
    }

    private static IEnumerable<string> CoreSettings(Deployment deployment)
    {
        var others = deployment.AppSettings.Where(setting => !AppSettingsOfThePlatform.Contains(setting.Key)).ToArray();
        var sections = new[] { "Audit__", "Juspay__", "KeyVault__", "Merchants__", "Webhooks__" };
        var unknown = others.Where(setting => !sections.Any(section => setting.Key.StartsWith(section, StringComparison.Ordinal))
                && !AppSettingsForbiddenOnFlex.Contains(setting.Key) && NameOnLinux.IsMatch(setting.Key))
            .Select(setting => $"{setting.Key} is read by nobody");
        var missing = AppSettingsOfThePlatform.Except(deployment.AppSettings.Select(setting => setting.Key)).Select(name => $"{name} is missing");
        try
        {
            // Only Azure knows the vault's address, but which vault it is stands in the expression.
            var vault = deployment.Vault;
            var settings = Core.ReadSettings(others.DistinctBy(setting => setting.Key)
                .Select(setting => setting.Value.Contains($"'{vault.Id}'", StringComparison.Ordinal)
                    ? KeyValuePair.Create(setting.Key, $"https://{vault.Name}.vault.azure.net/")
                    : setting));
            var readsOurs = settings.KeyVault.Uri.Host.StartsWith(vault.Name + ".", StringComparison.Ordinal);
            return [.. unknown, .. missing, .. Unless((readsOurs, "another vault is read"))];
        }
        catch (SettingsException exception)
        {
            return [.. unknown, .. missing, .. exception.Problems];
        }
    }

    private static IEnumerable<string> Sizes(Deployment deployment)
    {
        const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
        var app = deployment.App;
        return Unless(
            (deployment.One("Microsoft.Web/serverfarms").Is("sku.name", "FC1"), "not the plan that is paid by the call"),
            (app.Text($"{Scale}.instanceMemoryMB") is "512" or "2048", "another memory size"),
            ((int?)app.At($"{Scale}.maximumInstanceCount") is >= 40 and <= 100, "too few or too many instances"),
            (app.List($"{Scale}.alwaysReady").Sum(group => (int)group!["instanceCount"]!) <= 1, "too many instances that are always paid for"),
            ((int?)app.At($"{Scale}.triggers.http.perInstanceConcurrency") is >= 1 and <= 100, "too much at once"),
            (app.Is("properties.functionAppConfig.runtime.name", "dotnet-isolated") && app.Is("properties.functionAppConfig.runtime.version", "10.0"),
                "another runtime than the app is built for"));
    }

    private static IEnumerable<string> AlertReceivers(Deployment deployment)
    {
        var group = deployment.ActionGroup;
        IEnumerable<(Resource Alert, IEnumerable<JsonNode?> Groups)> told =
        [
            .. deployment.LogAlerts.Select(alert => (alert, alert.List("properties.actions.actionGroups").AsEnumerable())),
            .. deployment.MetricAlerts.Select(alert => (alert, alert.List("properties.actions").Select(action => action!["actionGroupId"]))),
            .. deployment.VaultEvents.Select(events => (events, events.List("properties.destination.properties.actionGroups").AsEnumerable())),
            .. deployment.Budgets.SelectMany(budget => ((JsonObject)budget.At("properties.notifications")!)
                .Select(notification => (budget, notification.Value!["contactGroups"]!.AsArray().AsEnumerable()))),
        ];
        return
        [
            .. told.Where(alert => !alert.Groups.Any(id => (string?)id == group.Id)).Select(alert => $"{alert.Alert.Name} tells nobody"),
            .. deployment.Resources.Where(resource => resource.Is("properties.enabled", "false")).Select(resource => $"{resource.Name} is off"),
            .. Unless((group.List("properties.emailReceivers") is [_, ..], "the action group has nobody in it")),
        ];
    }

    // A record can be searched some minutes after it was written: who only looks at the last five would miss it.
    private static IEnumerable<string> AlertWindows(Deployment deployment) => deployment.LogAlerts
        .Where(alert => !(Duration(alert, "windowSize") >= 2 * Duration(alert, "evaluationFrequency")))
        .Select(alert => $"{alert.Name} looks back no farther than to its last look");

    private static TimeSpan Duration(Resource alert, string name) => XmlConvert.ToTimeSpan(alert.Text($"properties.{name}")!);

    private static IEnumerable<string> AlertNames(Deployment deployment)
    {
        var topics = deployment.All("Microsoft.EventGrid/systemTopics");
        return
        [
            .. Differences(Alerts, deployment.LogAlerts.Concat(deployment.MetricAlerts).Select(deployment.ShortName)),
            .. Unless(
                (deployment.Budgets.Any(budget => (int?)budget.At("properties.amount") > 0), "no budget"),
                (deployment.VaultEvents
                    .Any(events => events.List("properties.filter.includedEventTypes").Any(type => (string?)type is "Microsoft.KeyVault.SecretNearExpiry")),
                    "nobody hears that a secret is near its expiry"),
                (topics.All(topic => topic.Is("properties.source", deployment.Vault.Id)), "events of another vault")),
        ];
    }

    private static IEnumerable<string> Queries(Deployment deployment)
    {
        var queries = deployment.Queries.ToArray();
        return
        [
            .. Unless((queries.Length > 10, "the queries were not found")),
            .. queries.SelectMany(query =>
            {
                var events = EventInQuery.Matches(query.Value).Select(match => match.Groups["event"].Value).ToArray();
                var fields = events.SelectMany(name => Core.Events.GetValueOrDefault(name, [])).ToHashSet();
                return events.Except(Core.Events.Keys).Select(name => $"{query.Key}: Core logs no {name}")
                    .Concat(FieldInQuery.Matches(query.Value).Select(match => match.Groups["field"].Value).Where(field => !fields.Contains(field))
                        .Select(field => $"{query.Key}: no field {field}"))
                    .Concat(OutcomeInQuery.Matches(query.Value).Select(match => match.Groups["word"].Value).Except(Core.ProblemCodes)
                        .Select(word => $"{query.Key}: no outcome {word}"))
                    .Concat(Unless((query.Value.Split("extract(").Length - 1 == FieldInQuery.Count(query.Value), $"{query.Key}: cuts in a way of its own")));
            }),
        ];
    }

    private static IEnumerable<string> Retention(Deployment deployment)
    {
        var tables = deployment.AuditTables.ToDictionary(table => table.Name.Split('/')[^1]);
        var cap = deployment.Workspace.Text("properties.workspaceCapping.dailyQuotaGb");
        var searchable = (int?)deployment.Workspace.At("properties.retentionInDays");
        return
        [
            .. Differences(["AZKVAuditLogs", "AppTraces"], tables.Keys),
            .. tables.Values.Where(table => !((int?)table.At("properties.totalRetentionInDays") >= searchable))
                .Select(table => $"{table.Name} is kept for less than the rest"),
            .. Unless((decimal.Parse(cap ?? "0", CultureInfo.InvariantCulture) is > 0 and <= 10, "the log is not capped")),
        ];
    }

    private static IEnumerable<string> Authentication(Deployment deployment)
    {
        const string Validation = "properties.identityProviders.azureActiveDirectory.validation";
        foreach (var authentication in deployment.Authentication)
        {
            var excluded = authentication.List("properties.globalValidation.excludedPaths").Select(path => (string)path!).ToArray();
            var anonymous = Core.Routes.Where(route => route.IsAnonymous).Select(route => route.Path).ToArray();
            string[] violations =
            [
                .. Unless(
                    (authentication.Is("properties.platform.enabled", "true"), "authentication is off"),
                    (authentication.Is("properties.globalValidation.requireAuthentication", "true"), "a token is welcome, not required"),
                    (authentication.Is("properties.globalValidation.unauthenticatedClientAction", "Return401"), "callers are sent to a login page"),
                    (authentication.List($"{Validation}.allowedAudiences") is [_, ..], "tokens for others pass"),
                    (authentication.List($"{Validation}.defaultAuthorizationPolicy.allowedApplications") is [_, ..], "every application may call"),
                    (Core.Routes.Count > 4, "the routes were not found")),
                .. excluded.Where(path => !anonymous.Any(route => Covers(path, route))).Select(path => $"{path} is no anonymous route"),
                .. Core.Routes.Where(route => !route.IsAnonymous && excluded.Any(path => Covers(path, route.Path)))
                    .Select(route => $"{route.Path} goes without a token"),
                .. anonymous.Where(route => route.StartsWith("/webhooks/", StringComparison.Ordinal) || route is "/health")
                    .Where(route => !excluded.Any(path => Covers(path, route)))
                    .Select(route => $"{route} cannot be called by those it is for"),
            ];
            foreach (var violation in violations)
            {
                yield return violation;
            }
        }

        static bool Covers(string excluded, string route) => excluded.EndsWith('*')
            ? route.StartsWith(excluded[..^1], StringComparison.OrdinalIgnoreCase)
            : route.Equals(excluded, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Secrets(Deployment deployment)
    {
        string[] outputs = ["functionAppName", "hostName", "identityClientId", "outboundAddress", "vaultName"];
        return
        [
            .. deployment.All("Microsoft.KeyVault/vaults/secrets").Select(secret => $"{secret.Name} is deployed"),
            .. SecretInText.Matches(deployment.Snapshot.ToJsonString()).Select(match => $"{match.Value} is in the snapshot"),
            .. Differences(outputs, ((JsonObject)deployment.Snapshot["outputs"]!).Select(output => output.Key)),
        ];
    }

    private static IEnumerable<string> Unless(params (bool Holds, string Violation)[] rules) => rules.Where(rule => !rule.Holds).Select(rule => rule.Violation);

    private static IEnumerable<string> Differences(IEnumerable<string> expected, IEnumerable<string> actual)
    {
        var found = actual.ToArray();
        return expected.Except(found).Select(item => $"missing: {item}").Concat(found.Except(expected).Select(item => $"too much: {item}"))
            .Concat(found.GroupBy(item => item).Where(group => group.Count() > 1).Select(group => $"twice: {group.Key}"));
    }
}

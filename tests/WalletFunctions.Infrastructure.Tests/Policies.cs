using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using System.Xml;
using WalletFunctions.Intake;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>A rule of every deployment.</summary>
/// <param name="Name">The rule, as a sentence without spaces.</param>
/// <param name="Violations">The violations; empty if there are none.</param>
internal sealed record Policy(string Name, Func<Deployment, IEnumerable<string>> Violations)
{
    public override string ToString() => Name;
}

internal static partial class Policies
{
    private const string SecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    private const string SecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string QueueDataContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
    private const string BlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string MetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";

    // Newer regions reject these on Flex Consumption with error 51021. Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan
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

    // App settings that the Functions host reads, or that Core reads outside its sections.
    private static readonly string[] AppSettingsOfThePlatform =
    [
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS",
        "AzureWebJobsDisableHomepage", "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__clientId",
        "AzureWebJobsStorage__credential",
    ];

    // Severity 1 requires action now, 2 today. nothing-heard exists if an instance is always running.
    private static readonly Dictionary<string, int> Alerts = new()
    {
        ["event-given-up"] = 2,
        ["failed-invocations"] = 2,
        ["failure-rate"] = 2,
        ["host-error"] = 1,
        ["internal-error"] = 2,
        ["juspay-refuses-key"] = 1,
        ["key-vault-denied"] = 1,
        ["log-cap-reached"] = 1,
        ["no-answer-in-time"] = 2,
        ["nothing-heard"] = 1,
        ["queue-not-read"] = 1,
        ["refused-webhooks"] = 2,
        ["secret-unavailable"] = 1,
        ["signing-secret-unavailable"] = 2,
        ["telemetry-stopped"] = 2,
    };

    // The events that are logged during an invocation. The Functions host drops the others.
    private static readonly string[] EventsThatArrive = ["delink_audit", "event_abandoned", "event_too_old", "event_unreadable", "internal_error", "nothing_to_delink", "wallet_audit"];

    // The addresses that delinks may be sent to. Add another gateway of Juspay here.
    private static readonly string[] JuspayHosts = ["api.juspay.in", "sandbox.juspay.in", "smartgateway.hdfcbank.com"];

    // Source: https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
    private static readonly int[] TotalRetentionsThatAzureTakes = [.. Enumerable.Range(30, 701), 1095, 1460, 1826, 2191];

    // The group and the DNS zone of each service's private endpoint. Source:
    // https://learn.microsoft.com/azure/private-link/private-endpoint-dns
    private static readonly (bool IsVault, string Group, string Zone)[] PrivateNames =
    [
        (true, "vault", "privatelink.vaultcore.azure.net"),
        (false, "blob", "[format('privatelink.blob.{0}', environment().suffixes.storage)]"),
        (false, "queue", "[format('privatelink.queue.{0}', environment().suffixes.storage)]"),
    ];

    [GeneratedRegex(@"(?:Message|Text) startswith ""(?<event>[a-z_]+) """)]
    private static partial Regex EventInQuery { get; }

    [GeneratedRegex(@"extract\(@"" (?<field>[a-z_]+)=\(\\S\+\)"", 1, Message\)")]
    private static partial Regex FieldInQuery { get; }

    [GeneratedRegex(@"\bOutcome == ""(?<word>[^""]+)""")]
    private static partial Regex OutcomeInQuery { get; }

    [GeneratedRegex(@"\b(?:Outcome|Secret) !?in \((?<words>[^)]*)\)")]
    private static partial Regex ListInQuery { get; }

    [GeneratedRegex(@"Name == ""(?<metric>walletfunctions\.[a-z.]+)""")]
    private static partial Regex MetricInQuery { get; }

    [GeneratedRegex(@"Properties\[""(?<tag>[^""]+)""\]")]
    private static partial Regex TagInQuery { get; }

    [GeneratedRegex(@"\b(?<table>App[A-Z]\w+|AZKV\w+|_LogOperation)\b")]
    private static partial Regex TableInQuery { get; }

    [GeneratedRegex("list(Keys|Secrets|AccountSas|ServiceSas)|getSecret|AccountKey=|InstrumentationKey=|[?&](code|sig)=", RegexOptions.IgnoreCase)]
    private static partial Regex SecretInText { get; }

    [GeneratedRegex("^[A-Za-z0-9_.]+$")]
    private static partial Regex NameOnLinux { get; }

    public static IReadOnlyList<Policy> All { get; } =
    [
        new("EachIdentityHasExactlyTheRolesItNeeds", Roles),
        new("NothingHasAKeyOrPasswordOfItsOwn", SharedCredentials),
        new("NoBlobIsPublic", PublicBlobs),
        new("TheQueuesAreThoseOfTheApp", Queues),
        new("OnlyTls12AndHttpsAreSpoken", Encryption),
        new("TheVaultKeepsWhatItHeld", VaultProtection),
        new("TheVaultIsAudited", VaultAudit),
        new("ClosedNetworksAreClosed", Networks),
        new("NoAddressRangeIsWide", AddressRanges),
        new("TheNetworkFitsTheApp", Subnets),
        new("PrivateNamesLeadToTheirServices", PrivateEndpoints),
        new("EveryReferenceIsToThisDeploymentsOwn", References),
        new("NothingIsSetThatWasNotConsidered", Considered),
        new("EveryResourceExistsInItsRegion", Places),
        new("NoSiteConfigThatFlexRefuses", SiteConfig),
        new("NoAppSettingThatFlexRefuses", AppSettings),
        new("TheSettingsAreThoseThatCoreReads", CoreSettings),
        new("SizesAreWithinBounds", Sizes),
        new("EveryAlertHasAReceiver", AlertReceivers),
        new("LogAlertsLookBackOverWhatArrivesLate", AlertWindows),
        new("AlertsFireSoon", AlertTiming),
        new("NoAlertIsMissing", AlertNames),
        new("TheBudgetNotifiesBeforeItIsSpent", Budget),
        new("QueriesNameWhatCoreLogs", Queries),
        new("AuditRecordsAreKeptAndTheLogIsCapped", Retention),
        new("NoIdAndNoFloodIsStored", Transformations),
        new("OnlyAnonymousRoutesGoWithoutAToken", Authentication),
        new("OnlyTokensOfThisTenantForThisAppAreTaken", Tokens),
        new("NoSecretIsDeployedOrShown", Secrets),
    ];

    private static IEnumerable<Resource> QueuesOf(Deployment deployment) => deployment.All("Microsoft.Storage/storageAccounts/queueServices/queues");

    private static bool HasIntake(Deployment deployment) => deployment.AppSettings.Contains(new("Webhooks__Intake", "queue"));

    /// <summary>The queues that the app and the host use exist exactly if the app uses them.</summary>
    private static IEnumerable<string> Queues(Deployment deployment) => Differences(
        HasIntake(deployment) ? [IntakeQueue.Name, IntakeQueue.FailedName, IntakeQueue.Name + "-poison"] : [],
        QueuesOf(deployment).Select(queue => queue.Name.Split('/')[^1]));

    private static IEnumerable<string> Roles(Deployment deployment)
    {
        string[] expected =
        [
            $"identity {SecretsUser} {deployment.Vault.Id}",
            $"identity {BlobDataOwner} {deployment.Storage.Id}",
            $"identity {MetricsPublisher} {deployment.Insights.Id}",
            $"officer {SecretsOfficer} {deployment.Vault.Id}",
            .. QueuesOf(deployment).Select(queue => $"identity {QueueDataContributor} {queue.Id}"),
        ];
        var actual = deployment.RoleAssignments.Select(assignment =>
        {
            var principal = assignment.Text("properties.principalId")!;
            var who = principal == $"[reference('{deployment.Identity.Id}', '2024-11-30').principalId]" && assignment.Is("properties.principalType", "ServicePrincipal")
                && assignment.Name.StartsWith($"[guid('{assignment.Scope}', reference(", StringComparison.Ordinal)
                && assignment.Name.EndsWith($".outputs.principalId.value, '{assignment.Text("properties.roleDefinitionId")!.Split('/')[^1]}')]", StringComparison.Ordinal) ? "identity"
                : Guid.TryParse(principal, out _) ? "officer" : principal;
            return $"{who} {assignment.Text("properties.roleDefinitionId")!.Split('/')[^1]} {assignment.Scope}";
        });
        return Differences(expected, actual);
    }

    private static IEnumerable<string> SharedCredentials(Deployment deployment)
    {
        var app = deployment.App;
        return Unless(
            (deployment.Storage.Is("properties.allowSharedKeyAccess", "false"), "the storage account allows key access"),
            (deployment.Insights.Is("properties.DisableLocalAuth", "true"), "Application Insights accepts telemetry without a token"),
            (deployment.All("Microsoft.OperationalInsights/workspaces").All(workspace => workspace.Is("properties.features.disableLocalAuth", "true")), "the workspace allows key access"),
            (deployment.BasicPublishing.Count(policy => policy.Is("properties.allow", "false")) is 2,
                "the app can be deployed to with a password"),
            (app.Is("identity.type", "UserAssigned") && app.At("identity.userAssignedIdentities") is JsonObject { Count: 1 } identities
                && identities.ContainsKey(deployment.Identity.Id), "the app has other identities than its own"),
            (app.Is("properties.functionAppConfig.deployment.storage.authentication.type", "UserAssignedIdentity"), "the package is read with a key"),
            (deployment.AppSettings.Contains(new("AzureWebJobsStorage__credential", "managedidentity")), "the host reads its storage with a key"),
            (deployment.AppSettings.Contains(new("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")), "the app can use other credentials"));
    }

    private static IEnumerable<string> PublicBlobs(Deployment deployment) => Unless(
        (deployment.Storage.Is("properties.allowBlobPublicAccess", "false"), "the storage account allows public blobs"),
        (deployment.All("Microsoft.Storage/storageAccounts/blobServices/containers").All(container => container.Is("properties.publicAccess", "None")),
            "a container is public"));

    private static IEnumerable<string> Encryption(Deployment deployment) => Unless(
        (deployment.Storage.Is("properties.minimumTlsVersion", "TLS1_2"), "storage speaks older TLS"),
        (deployment.Storage.Is("properties.supportsHttpsTrafficOnly", "true"), "storage speaks http"),
        (deployment.App.Is("properties.siteConfig.minTlsVersion", "1.2"), "the app speaks older TLS"),
        (deployment.App.Is("properties.siteConfig.scmMinTlsVersion", "1.2"), "the app's deployment endpoint speaks older TLS"),
        (deployment.App.Is("properties.httpsOnly", "true"), "the app speaks http"));

    private static IEnumerable<string> VaultProtection(Deployment deployment)
    {
        var vault = deployment.Vault;
        return Unless(
            (vault.Is("properties.enableRbacAuthorization", "true"), "access policies grant access instead of roles"),
            (vault.Is("properties.enableSoftDelete", "true") && vault.Is("properties.softDeleteRetentionInDays", "90"), "deleted secrets are not kept for 90 days"),
            (deployment.Expectations.IsDisposable
                ? vault.At("properties.enablePurgeProtection") is null : vault.Is("properties.enablePurgeProtection", "true"),
                "purge protection differs from the expectation"),
            (vault.Is("properties.createMode", deployment.Expectations.RecoversVault ? "recover" : "default"), "recovery of a deleted vault differs from the expectation"),
            (vault.Is("properties.enabledForDeployment", "false"), "virtual machines can read certificates"),
            (vault.Is("properties.enabledForDiskEncryption", "false"), "disk encryption can read secrets"),
            (vault.Is("properties.enabledForTemplateDeployment", "false"), "deployments can read secrets"));
    }

    private static IEnumerable<string> VaultAudit(Deployment deployment)
    {
        var audit = deployment.DiagnosticSettings.Where(setting => setting.Scope == deployment.Vault.Id).ToArray();
        return Unless(
            (audit.SelectMany(setting => setting.List("properties.logs")).Any(log => (string?)log!["categoryGroup"] is "audit" && (bool)log["enabled"]!),
                "the vault has no audit log"),
            (audit.All(setting => setting.Is("properties.workspaceId", deployment.Workspace.Id)), "the audit log goes to another workspace"),
            (audit.All(setting => setting.Is("properties.logAnalyticsDestinationType", "Dedicated")), "the audit log goes to the shared table, which is kept for a short time only"));
    }

    private static IEnumerable<string> Networks(Deployment deployment)
    {
        if (deployment.Expectations.NetworkMode is "public")
        {
            return new[] { deployment.Vault, deployment.Storage }.SelectMany(resource => Unless(
                (resource.Is("properties.networkAcls.defaultAction", "Allow"), $"{resource.Type} is closed, but the app is in no network")));
        }

        var subnet = deployment.App.Text("properties.virtualNetworkSubnetId") ?? "";
        var network = deployment.One("Microsoft.Network/virtualNetworks");
        var isPrivate = deployment.Expectations.NetworkMode is "privateEndpoint";
        return new[] { deployment.Vault, deployment.Storage }.SelectMany(resource => Unless(
            (resource.Is("properties.networkAcls.defaultAction", "Deny"), $"{resource.Type} is open"),
            (resource.Is("properties.networkAcls.bypass", "None"), $"{resource.Type} admits Azure services"),
            (resource.Is("properties.publicNetworkAccess", isPrivate && Operators(resource) is [] ? "Disabled" : "Enabled"), $"{resource.Type} has the wrong public network access"),
            (resource.List("properties.networkAcls.ipRules").Select(rule => (string)rule!["value"]!).SequenceEqual(Operators(resource)),
                $"{resource.Type} does not admit exactly the operators"),
            (isPrivate
                ? deployment.All("Microsoft.Network/privateEndpoints")
                    .Any(endpoint => endpoint.Is("properties.privateLinkServiceConnections.0.properties.privateLinkServiceId", resource.Id))
                : resource.List("properties.networkAcls.virtualNetworkRules") is [var rule] && (string)rule!["id"]! == subnet,
                $"{resource.Type} does not admit exactly the app")))
            .Concat(Unless((subnet.StartsWith(network.Id, StringComparison.Ordinal), "the app is outside the network")));

        // They store secrets in the vault, and repeat events in the queues.
        string[] Operators(Resource resource) =>
            deployment.Expectations.OperatorRange is { } range && (resource == deployment.Vault || HasIntake(deployment)) ? [range] : [];
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
        var sections = new[] { "Audit__", "Intake__", "Juspay__", "KeyVault__", "Merchants__", "Webhooks__" };
        var unknown = others.Where(setting => !sections.Any(section => setting.Key.StartsWith(section, StringComparison.Ordinal))
                && !AppSettingsForbiddenOnFlex.Contains(setting.Key) && NameOnLinux.IsMatch(setting.Key))
            .Select(setting => $"{setting.Key} is an unknown setting");
        var missing = AppSettingsOfThePlatform.Except(deployment.AppSettings.Select(setting => setting.Key)).Select(name => $"{name} is missing");
        try
        {
            var settings = ReadSettings(deployment);
            var hostTimeout = TimeSpan.Parse((string)JsonNode.Parse(Repository.Read("host.json"))!["functionTimeout"]!, CultureInfo.InvariantCulture);
            return
            [
                .. unknown,
                .. missing,
                .. Unless(
                    (settings.KeyVault.Uri.Host.StartsWith(deployment.Vault.Name + ".", StringComparison.Ordinal), "the app reads another vault"),
                    (settings.KeyVault.RefreshInterval <= TimeSpan.FromHours(1), "the secrets are read less often than once an hour"),
                    (settings.Juspay.CustomerTimeout < hostTimeout, "the host's timeout is shorter than the app's"),
                    (settings.Merchants.Select(merchant => merchant.Juspay.BaseUrl).Append(settings.Juspay.BaseUrl)
                        .All(url => url.Contains("sandbox", StringComparison.Ordinal) != deployment.Expectations.IsProduction || deployment.Name is "every setting"),
                        "production uses the sandbox, or another environment uses the production API"),
                    (settings.Merchants.Select(merchant => merchant.Juspay.BaseUrl).Append(settings.Juspay.BaseUrl).All(url => JuspayHosts.Contains(new Uri(url).Host)),
                        "the key is sent to a host that is not Juspay's"),
                    (deployment.AppSettings.Contains(new("AzureWebJobsDisableHomepage", "true")), "a POST to / is answered 200")),
            ];
        }
        catch (SettingsException exception)
        {
            return [.. unknown, .. missing, .. exception.Problems];
        }
    }

    /// <summary>The settings as the app reads them. Only Azure knows the vault's address, but the expression names the vault.</summary>
    private static Settings ReadSettings(Deployment deployment) => Core.ReadSettings(deployment.AppSettings
        .Where(setting => !AppSettingsOfThePlatform.Contains(setting.Key)).DistinctBy(setting => setting.Key)
        .Select(setting => setting.Value.Contains($"'{deployment.Vault.Id}'", StringComparison.Ordinal)
                ? KeyValuePair.Create(setting.Key, $"https://{deployment.Vault.Name}.vault.azure.net/")
            : setting.Key is "Intake__queueServiceUri" ? KeyValuePair.Create(setting.Key, $"https://{deployment.Storage.Name}.queue.core.windows.net/")
            : setting.Key is "Intake__clientId" ? KeyValuePair.Create(setting.Key, Guid.Empty.ToString())
            : setting));

    private static Settings? TryReadSettings(Deployment deployment)
    {
        try
        {
            return ReadSettings(deployment);
        }
        catch (SettingsException)
        {
            // The policy TheSettingsAreThoseThatCoreReads reports the reason.
            return null;
        }
    }

    private static IEnumerable<string> AddressRanges(Deployment deployment)
    {
        return new[] { deployment.Vault, deployment.Storage }
            .SelectMany(resource => resource.List("properties.networkAcls.ipRules").Select(rule => (resource.Type, Range: rule!["value"]!.ToString())))
            .Where(rule => !IsNarrow(rule.Range)).Select(rule => $"{rule.Type} admits {rule.Range}");

        static bool IsNarrow(string range) => IPNetwork.TryParse(range.Contains('/', StringComparison.Ordinal) ? range : range + "/32", out var network)
            && network.PrefixLength >= 24;
    }

    private static IEnumerable<string> Subnets(Deployment deployment)
    {
        if (deployment.Network is null)
        {
            return [];
        }

        var gateways = deployment.All("Microsoft.Network/natGateways").ToArray();
        var addresses = deployment.All("Microsoft.Network/publicIPAddresses").Select(address => address.Id).ToArray();
        var subnets = deployment.Network.List("properties.subnets").Select(subnet => new Resource(subnet!.AsObject())).ToArray();
        var app = subnets.SingleOrDefault(subnet => deployment.App.Is("properties.virtualNetworkSubnetId", $"{deployment.Network.Id}/subnets/{subnet.Name}"));
        if (app is null)
        {
            return ["the app is in none of the subnets"];
        }

        var ranges = subnets.Select(subnet => IPNetwork.Parse(subnet.Text("properties.addressPrefix")!)).ToArray();
        var space = IPNetwork.Parse(deployment.Network.Text("properties.addressSpace.addressPrefixes.0")!);
        var instances = (int)deployment.App.At("properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount")!;
        var size = (1 << (32 - IPNetwork.Parse(app.Text("properties.addressPrefix")!).PrefixLength)) - 5;
        string[] endpoints = deployment.Expectations.NetworkMode is "serviceEndpoint" ? ["Microsoft.KeyVault", "Microsoft.Storage"] : [];
        return
        [
            .. Unless(
                (app.List("properties.delegations") is [var delegation]
                    && delegation!["properties"]!["serviceName"]!.ToString() is "Microsoft.App/environments", "the subnet is not delegated to Flex Consumption"),
                (size * 10 >= instances * 11, $"{size} addresses for {instances} instances"),
                (app.Text("properties.natGateway.id") == gateways.SingleOrDefault()?.Id
                    && gateways.All(gateway => gateway.List("properties.publicIpAddresses").Select(address => address!["id"]!.ToString()).SequenceEqual(addresses)),
                    "calls do not leave through the NAT gateway's addresses"),
                (ranges.All(range => space.Contains(range.BaseAddress)), "a subnet is outside the network"),
                (!ranges.Any(range => ranges.Any(other => !range.Equals(other) && range.Contains(other.BaseAddress))), "subnets overlap")),
            .. Differences(endpoints, app.List("properties.serviceEndpoints").Select(endpoint => endpoint!["service"]!.ToString())),
        ];
    }

    private static IEnumerable<string> PrivateEndpoints(Deployment deployment)
    {
        var zones = deployment.All("Microsoft.Network/privateDnsZones").ToArray();
        var endpoints = deployment.All("Microsoft.Network/privateEndpoints").ToArray();
        var services = deployment.Expectations.NetworkMode is not "privateEndpoint" ? []
            : PrivateNames.Where(name => name.Group is not "queue" || HasIntake(deployment))
                .Select(name => (Resource: name.IsVault ? deployment.Vault : deployment.Storage, name.Group, name.Zone)).ToArray();
        return
        [
            .. Unless((endpoints.Length == services.Length, "there is not exactly one endpoint per service")),
            .. services.SelectMany(service =>
            {
                const string Connection = "properties.privateLinkServiceConnections.0.properties";
                var (resource, group, zoneName) = service;
                var endpoint = endpoints.SingleOrDefault(endpoint => endpoint.Is($"{Connection}.privateLinkServiceId", resource.Id)
                    && endpoint.Texts($"{Connection}.groupIds").Contains(group));
                var zone = zones.SingleOrDefault(zone => zone.Name == zoneName);
                var names = deployment.All("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
                    .SingleOrDefault(names => endpoint is not null && names.Id.StartsWith(endpoint.Id + "/", StringComparison.Ordinal));
                var link = deployment.All("Microsoft.Network/privateDnsZones/virtualNetworkLinks")
                    .SingleOrDefault(link => link.Name.Contains(zoneName.Trim('[', ']'), StringComparison.Ordinal));
                return Unless(
                    (endpoint?.Texts($"{Connection}.groupIds") is [var only] && only == group, $"{resource.Type} has no endpoint of the group {group}"),
                    (zone is not null && names?.Text("properties.privateDnsZoneConfigs.0.properties.privateDnsZoneId") == zone.Id,
                        $"the endpoint of {resource.Type} has no name in {zoneName}"),
                    (link is not null && link.Text("properties.virtualNetwork.id") == deployment.Network?.Id && link.Is("properties.registrationEnabled", "false"),
                        $"{zoneName} is not linked to the network"));
            }),
        ];
    }

    /// <summary>Every value that refers to another resource refers to the one of this deployment, in the expression that Azure evaluates.</summary>
    private static IEnumerable<string> References(Deployment deployment)
    {
        var settings = deployment.AppSettings.DistinctBy(setting => setting.Key).ToDictionary();
        var clientId = $"reference('{deployment.Identity.Id}', '2024-11-30').clientId";
        var blobs = $"reference('{deployment.Storage.Id}', '{deployment.Storage.Text("apiVersion")}').primaryEndpoints.blob";
        var expected = new Dictionary<string, string>
        {
            ["AZURE_CLIENT_ID"] = $"[{clientId}]",
            ["AzureWebJobsStorage__clientId"] = $"[{clientId}]",
            ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = $"[format('ClientId={{0}};Authorization=AAD', {clientId})]",
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"[reference('{deployment.Insights.Id}', '2020-02-02').ConnectionString]",
            ["AzureWebJobsStorage__accountName"] = deployment.Storage.Name,
            ["KeyVault__Uri"] = $"[reference('{deployment.Vault.Id}', '{deployment.Vault.Text("apiVersion")}').vaultUri]",
            ["AzureWebJobsStorage__blobServiceUri"] = $"[{blobs}]",
        };
        if (HasIntake(deployment))
        {
            expected["Intake__clientId"] = $"[{clientId}]";
            expected["Intake__credential"] = "managedidentity";
            expected["Intake__queueServiceUri"] = $"[reference('{deployment.Storage.Id}', '{deployment.Storage.Text("apiVersion")}').primaryEndpoints.queue]";
        }

        const string Package = "properties.functionAppConfig.deployment.storage";
        var container = deployment.One("Microsoft.Storage/storageAccounts/blobServices/containers").Name.Split('/')[^1];
        return
        [
            .. expected.Where(setting => settings.GetValueOrDefault(setting.Key) != setting.Value).Select(setting => $"{setting.Key} is not {setting.Value}"),
            .. Unless(
                (deployment.App.Is($"{Package}.value", $"[format('{{0}}{{1}}', {blobs}, '{container}')]"), "the package comes from elsewhere"),
                (deployment.App.Is($"{Package}.authentication.userAssignedIdentityResourceId", deployment.Identity.Id), "the package is read with another identity"),
                (deployment.App.Is("properties.serverFarmId", deployment.One("Microsoft.Web/serverfarms").Id), "the app is on another plan"),
                (deployment.Insights.Is("properties.WorkspaceResourceId", deployment.Workspace.Id), "telemetry goes to another workspace"),
                (deployment.LogAlerts.All(alert => alert.Texts("properties.scopes") is [var scope] && scope == deployment.Workspace.Id),
                    "a log alert watches another workspace"),
                (deployment.All("Microsoft.Insights/workbooks").All(workbook => workbook.Is("properties.sourceId", deployment.Workspace.Id)),
                    "the workbook is another workspace's"),
                (deployment.MetricAlerts.All(alert => alert.Texts("properties.scopes") is [var scope] && scope == deployment.Vault.Id),
                    "the metric alert watches another vault"),
                (deployment.All("Microsoft.EventGrid/systemTopics").All(topic => topic.Is("properties.source", deployment.Vault.Id)), "the event topic is another vault's")),
        ];
    }

    /// <summary>
    /// Checks all properties with <see cref="ConsideredProperties"/>. A new property must be added there with its permitted
    /// values.
    /// </summary>
    private static IEnumerable<string> Considered(Deployment deployment) => deployment.Resources.SelectMany(resource =>
    {
        if (!ConsideredProperties.ByType.TryGetValue(resource.Type, out var rules))
        {
            return [$"{resource.Type} is not listed in ConsideredProperties"];
        }

        var values = resource.Values.Select(value => (Path: WithoutNames(value.Path), value.Value)).ToArray();
        return values.Where(value => !SiteConfigForbiddenOnFlex.Any(name => value.Path.EndsWith("." + name, StringComparison.Ordinal)))
            .Where(value => !rules.TryGetValue(value.Path, out var rule) || !(rule.Values is [] || rule.Values.Contains(value.Value)))
            .Select(value => $"{resource.Name}: {value.Path} is {value.Value}")
            .Concat(rules.Where(rule => rule.Value.IsRequired && !values.Any(value => value.Path == rule.Key)).Select(rule => $"{resource.Name}: {rule.Key} is missing"));
    });

    /// <summary>Replaces names that depend on the parameters (tags, identities) or are arbitrary (notifications) by <c>*</c>.</summary>
    private static string WithoutNames(string path)
    {
        foreach (var open in new[] { "tags.", "identity.userAssignedIdentities." })
        {
            if (path.StartsWith(open, StringComparison.Ordinal))
            {
                return open + "*";
            }
        }

        const string Notifications = "properties.notifications.";
        return path.StartsWith(Notifications, StringComparison.Ordinal) ? Notifications + "*" + path[path.IndexOf('.', Notifications.Length)..] : path;
    }

    /// <summary>A resource is in the region of the others, and references by its name find it.</summary>
    private static IEnumerable<string> Places(Deployment deployment)
    {
        string[] required =
        [
            .. ConsideredProperties.ByType.Keys.Where(type => !type.StartsWith("Microsoft.Network/", StringComparison.Ordinal)
                && type is not ("Microsoft.Consumption/budgets" or "Microsoft.Resources/resourceGroups" or "Microsoft.Web/sites/config")
                && (HasIntake(deployment) || !type.Contains("/queueServices", StringComparison.Ordinal))),
        ];
        return
        [
            .. required.Except(deployment.Resources.Select(resource => resource.Type)).Select(type => $"there is no {type}"),
            .. deployment.Resources.Where(resource => resource.Text("location")?.ToUpperInvariant() is not (null or "CENTRALINDIA" or "GLOBAL"))
                .Select(resource => $"{resource.Name} is elsewhere"),
            // A resource with tags has a region.
            .. deployment.Resources.Where(resource => resource.Json.ContainsKey("tags") != resource.Json.ContainsKey("location")).Select(resource => $"{resource.Name} is nowhere"),
            .. deployment.Resources.Where(resource => !resource.Id.StartsWith('[') && !resource.Id.EndsWith("/" + resource.Name.Split('/')[^1], StringComparison.Ordinal))
                .Select(resource => $"{resource.Id} has the name {resource.Name}"),
            .. Unless(
                (deployment.Network?.List("properties.subnets").Select(subnet => subnet!["name"]!.ToString()).SequenceEqual(["app", "private-endpoints"]) is not false,
                    "the subnets have other names"),
                (deployment.All("Microsoft.Network/privateEndpoints")
                    .All(endpoint => endpoint.Is("properties.subnet.id", deployment.Network?.Id + "/subnets/private-endpoints")), "an endpoint is in another subnet")),
        ];
    }

    private static IEnumerable<string> Sizes(Deployment deployment)
    {
        const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
        var app = deployment.App;
        return Unless(
            (deployment.One("Microsoft.Web/serverfarms").Is("sku.name", "FC1"), "the plan is not Flex Consumption"),
            (app.Text($"{Scale}.instanceMemoryMB") is "512" or "2048", "the memory size is neither 512 nor 2048 MB"),
            ((int?)app.At($"{Scale}.maximumInstanceCount") is >= 40 and var most && (most <= 100 || deployment.Name is "a thousand instances"),
                "too few or too many instances"),
            (app.List($"{Scale}.alwaysReady").Sum(group => (int)group!["instanceCount"]!) <= 1, "more than one instance is always ready"),
            (app.List($"{Scale}.alwaysReady").All(group => group!["name"]!.ToString() is "http"), "the always-ready instances are not for HTTP"),
            ((int?)app.At($"{Scale}.triggers.http.perInstanceConcurrency") is >= 1 and <= 100, "the concurrency per instance is not 1 to 100"),
            (app.Is("properties.publicNetworkAccess", "Enabled"), "callers cannot reach the app"),
            (app.Is("properties.functionAppConfig.runtime.name", "dotnet-isolated") && app.Is("properties.functionAppConfig.runtime.version", "10.0"),
                "the runtime is not the one that the app is built for"));
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
            .. told.Where(alert => !alert.Groups.Any(id => (string?)id == group.Id)).Select(alert => $"{alert.Alert.Name} has no receiver"),
            .. deployment.All("Microsoft.Insights/actionGroups").SelectMany(one => one.List("properties.emailReceivers"))
                .Where(mail => mail!["emailAddress"]?.ToString() is not { } address || !MailAddress.TryCreate(address, out _) || mail["name"] is null || mail["useCommonAlertSchema"] is null)
                .Select(_ => "an e-mail receiver is incomplete"),
            .. deployment.All("Microsoft.Insights/actionGroups").SelectMany(one => one.List("properties.webhookReceivers"))
                .Where(webhook => !Uri.TryCreate(webhook!["serviceUri"]!.ToString(), UriKind.Absolute, out var url) || url is not { Scheme: "https", Query: "", UserInfo: "" })
                .Select(webhook => $"{webhook!["name"]} is not a plain https address"),
            .. deployment.Resources.Where(resource => resource.Is("properties.enabled", "false")).Select(resource => $"{resource.Name} is disabled"),
            .. Unless((group.List("properties.emailReceivers").Concat(group.List("properties.smsReceivers")).Concat(group.List("properties.webhookReceivers")).Any(),
                "the action group has no receivers")),
        ];
    }

    // A record is searchable only some minutes after it was written, so a query of the last five minutes would miss it.
    private static IEnumerable<string> AlertWindows(Deployment deployment) => deployment.LogAlerts
        .Where(alert => !(Duration(alert, "windowSize") >= 2 * Duration(alert, "evaluationFrequency")))
        .Select(alert => $"{alert.Name} evaluates no more than the time since its last evaluation");

    private static TimeSpan Duration(Resource alert, string name) => XmlConvert.ToTimeSpan(alert.Text($"properties.{name}")!);

    /// <summary>One evaluation, at most a quarter of an hour later, that finds a few rows too many, or one row missing.</summary>
    private static IEnumerable<string> AlertTiming(Deployment deployment)
    {
        var criteria = deployment.LogAlerts.SelectMany(alert => alert.List("properties.criteria.allOf")
            .Select(criterion => (Alert: deployment.ShortName(alert), Criterion: new Resource(criterion!.AsObject()))));
        return
        [
            .. deployment.LogAlerts.Where(alert => Duration(alert, "evaluationFrequency") > TimeSpan.FromMinutes(15) || Duration(alert, "windowSize") > TimeSpan.FromHours(3))
                .Select(alert => $"{alert.Name} is evaluated too rarely, or over too long a period"),
            .. deployment.LogAlerts.Where(alert => !(alert.Is("properties.autoMitigate", "true") && alert.Is("properties.skipQueryValidation", "true")))
                .Select(alert => $"{alert.Name} does not resolve, or cannot be deployed before its table has a row"),
            .. criteria.Where(one => (one.Criterion.Text("operator"), (int?)one.Criterion.At("threshold"), one.Alert) is not
                    ((not "LessThan", >= 0 and <= 4, not "nothing-heard") or ("LessThan", 1, "nothing-heard"))
                    || one.Criterion.Text("operator") is not ("GreaterThan" or "LessThan"))
                .Select(one => $"{one.Alert} has a wrong operator or threshold"),
            .. criteria.Where(one => !(one.Criterion.Is("timeAggregation", "Count")
                    && one.Criterion.Is("failingPeriods.numberOfEvaluationPeriods", "1") && one.Criterion.Is("failingPeriods.minFailingPeriodsToAlert", "1")))
                .Select(one => $"{one.Alert} needs more than one evaluation"),
        ];
    }

    private static IEnumerable<string> AlertNames(Deployment deployment)
    {
        const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
        var isAlwaysRunning = deployment.App.List($"{Scale}.alwaysReady").Any(group => (int)group!["instanceCount"]! > 0);
        var alerts = deployment.LogAlerts.Concat(deployment.MetricAlerts).ToArray();
        var denied = deployment.MetricAlerts.SelectMany(alert => alert.List("properties.criteria.allOf")).Select(node => new Resource(node!.AsObject())).ToArray();
        return
        [
            .. Differences(Alerts.Keys.Where(name => (isAlwaysRunning || name is not "nothing-heard") && (HasIntake(deployment) || name is not ("event-given-up" or "queue-not-read"))), alerts.Select(deployment.ShortName)),
            .. alerts.Where(alert => Alerts.TryGetValue(deployment.ShortName(alert), out var severity) && !alert.Is("properties.severity", $"{severity}"))
                .Select(alert => $"{alert.Name} has another severity"),
            .. Differences(["Microsoft.KeyVault.SecretExpired", "Microsoft.KeyVault.SecretNearExpiry"],
                deployment.VaultEvents.SelectMany(events => events.Texts("properties.filter.includedEventTypes"))),
            .. deployment.VaultEvents.Where(events => !events.Is("properties.destination.properties.severity", "Sev2")).Select(events => $"{events.Name} has another severity"),
            .. denied.Where(criterion => !(criterion.Is("metricName", "ServiceApiResult") && criterion.Is("operator", "GreaterThan") && criterion.Is("threshold", "0")
                    && criterion.List("dimensions") is [var dimension] && dimension!["name"]!.ToString() is "StatusCode" && dimension["operator"]!.ToString() is "Include"
                    && new Resource(dimension.AsObject()).Texts("values") is ["403"]))
                .Select(_ => "the vault's alert does not count 403 answers"),
        ];
    }

    private static IEnumerable<string> Budget(Deployment deployment)
    {
        var created = $"dateTimeAdd(reference('{deployment.Storage.Id}', '{deployment.Storage.Text("apiVersion")}').creationTime, 'PT0S', 'yyyy-MM-01')";
        return
        [
            .. Unless((deployment.Budgets.Count() == (deployment.Expectations.HasBudget ? 1 : 0), "the number of budgets differs from the expectation")),
            .. deployment.Budgets.SelectMany(budget => Unless(
                ((int?)budget.At("properties.amount") is > 0, "the budget is zero"),
                (budget.Is("properties.timeGrain", "Monthly") && budget.Is("properties.category", "Cost"), "the budget is not for the monthly cost"),
                (budget.Is("properties.timePeriod.startDate", $"[coalesce(null(), {created})]") || Regex.IsMatch(budget.Text("properties.timePeriod.startDate")!, @"^\d{4}-\d\d-01$"),
                    "the start is not the same in every deployment"))),
            .. deployment.Budgets.SelectMany(budget => ((JsonObject)budget.At("properties.notifications")!)
                .Select(notification => (notification.Key, Value: new Resource(notification.Value!.AsObject())))
                .Where(notification => !((int?)notification.Value.At("threshold") is >= 50 and <= 100 && notification.Value.Is("operator", "GreaterThan")
                    && notification.Value.Is("enabled", "true")))
                .Select(notification => $"{notification.Key} is sent too late or is disabled")),
            .. deployment.Budgets.SelectMany(budget => Differences(
                ["Actual", "Forecasted"],
                ((JsonObject)budget.At("properties.notifications")!).Select(notification => notification.Value!["thresholdType"]!.ToString()))),
        ];
    }

    private static IEnumerable<string> Queries(Deployment deployment)
    {
        string[] tables = ["AZKVAuditLogs", "AppDependencies", "AppExceptions", "AppMetrics", "AppTraces", "_LogOperation"];
        var words = Core.Outcomes.Concat(Core.SecretFaults).ToHashSet();
        var queries = deployment.Queries.Concat(deployment.All("Microsoft.Insights/dataCollectionRules").SelectMany(rule => rule.List("properties.dataFlows"))
            .Select(flow => KeyValuePair.Create(flow!["streams"]![0]!.ToString(), flow["transformKql"]!.ToString()))).ToArray();
        return
        [
            .. Unless((queries.Length > 10, "the queries were not found")),
            .. queries.SelectMany(query =>
            {
                var events = EventInQuery.Matches(query.Value).Select(match => match.Groups["event"].Value).ToArray();
                var fields = events.SelectMany(name => Core.Events.GetValueOrDefault(name, [])).ToHashSet();
                return events.Except(Core.Events.Keys).Select(name => $"{query.Key}: Core logs no {name}")
                    .Concat(TableInQuery.Matches(query.Value).Select(match => match.Groups["table"].Value).Where(table => table is not ("AppRoleInstance"))
                        .Except(tables).Select(table => $"{query.Key}: no rows arrive in {table}"))
                    .Concat(events.Where(name => !query.Value.Contains($"not(Text startswith \"{name} \"", StringComparison.Ordinal)
                            && !query.Value.Contains($" or Text startswith \"{name} \"", StringComparison.Ordinal))
                        .Except(EventsThatArrive).Select(name => $"{query.Key}: the host drops {name}"))
                    .Concat(FieldInQuery.Matches(query.Value).Select(match => match.Groups["field"].Value).Where(field => !fields.Contains(field))
                        .Select(field => $"{query.Key}: no field {field}"))
                    .Concat(MetricInQuery.Matches(query.Value).Select(match => match.Groups["metric"].Value).Except(Core.Metrics)
                        .Select(metric => $"{query.Key}: the worker exports no {metric}"))
                    .Concat(TagInQuery.Matches(query.Value).Select(match => match.Groups["tag"].Value).Except(Core.Tags)
                        .Select(tag => $"{query.Key}: no tag {tag}"))
                    .Concat(OutcomeInQuery.Matches(query.Value).Select(match => match.Groups["word"].Value)
                        .Concat(ListInQuery.Matches(query.Value).Where(match => !match.Value.StartsWith("Secret", StringComparison.Ordinal))
                            .SelectMany(match => WordsOf(match.Groups["words"].Value)))
                        .Where(word => !words.Contains(word))
                        .Select(word => $"{query.Key}: no outcome {word}"))
                    .Concat(Unless((query.Value.Split("extract(").Length - 1 == FieldInQuery.Count(query.Value), $"{query.Key}: extracts a field with another pattern")));
            }),
            .. SigningSecrets(deployment),
        ];
    }

    /// <summary>Any sender can make the app read a signing secret, so only those reads are excluded from severity 1.</summary>
    private static IEnumerable<string> SigningSecrets(Deployment deployment)
    {
        var settings = TryReadSettings(deployment);
        if (settings is null)
        {
            return [];
        }

        var names = settings.Merchants.Select(merchant => merchant.WebhookSecretName).OfType<string>()
            .Append(settings.KeyVault.WebhookSecretName).Concat(settings.Senders.Select(sender => sender.SecretName)).Distinct();
        return new[] { "secret-unavailable", "signing-secret-unavailable" }
            .SelectMany(alert => deployment.Queries.Where(query => query.Key.StartsWith(alert + "-delink", StringComparison.Ordinal)))
            .SelectMany(query => Differences(
                    names, ListInQuery.Matches(query.Value).Where(match => match.Value.StartsWith("Secret", StringComparison.Ordinal))
                        .SelectMany(match => WordsOf(match.Groups["words"].Value)))
                .Select(difference => $"{query.Key}: {difference}"));
    }

    private static IEnumerable<string> WordsOf(string list) => list.Split(',', StringSplitOptions.TrimEntries).Select(word => word.Trim('"'));

    private static IEnumerable<string> Retention(Deployment deployment)
    {
        var tables = deployment.AuditTables.ToDictionary(table => table.Name.Split('/')[^1]);
        var searchable = (int?)deployment.Workspace.At("properties.retentionInDays");
        return
        [
            .. Unless((searchable is >= 30 and <= 730, "the log is searchable for a period that Azure does not accept")),
            .. Differences(["AZKVAuditLogs", "AppTraces"], tables.Keys),
            .. tables.Values.Where(table => !((int?)table.At("properties.totalRetentionInDays") >= searchable))
                .Select(table => $"{table.Name} is kept for a shorter time than the log"),
            .. tables.Values.Where(table => !TotalRetentionsThatAzureTakes.Contains((int?)table.At("properties.totalRetentionInDays") ?? 0))
                .Select(table => $"{table.Name} is kept for a period that Azure does not accept"),
            .. tables.Values.Where(table => (int?)table.At("properties.retentionInDays") != Math.Min((int)table.At("properties.totalRetentionInDays")!, 730))
                .Select(table => $"{table.Name} cannot be searched for as long as it is kept"),
            // The period of keys-due-for-rotation.kql.
            .. tables.Values.Where(table => !((int?)table.At("properties.retentionInDays") >= 90)).Select(table => $"{table.Name} cannot be asked for 90 days"),
            .. Unless(
                (deployment.All("Microsoft.OperationalInsights/workspaces").All(workspace =>
                    decimal.Parse(workspace.Text("properties.workspaceCapping.dailyQuotaGb") ?? "0", CultureInfo.InvariantCulture) is > 0 and <= 10), "the log is not capped"),
                (tables.Values.All(table => table.Is("properties.plan", "Analytics")), "a table has a plan that alerts cannot query")),
        ];
    }

    private static IEnumerable<string> Transformations(Deployment deployment)
    {
        var rules = deployment.All("Microsoft.Insights/dataCollectionRules").ToArray();
        if (rules is not [var rule])
        {
            return ["there is not exactly one data collection rule"];
        }

        var flows = rule.List("properties.dataFlows").Select(flow => new Resource(flow!.AsObject()))
            .ToDictionary(flow => flow.Texts("streams").Single()["Microsoft-Table-".Length..], flow => flow.Text("transformKql")!);
        var unsigned = $"({string.Join(", ", Core.OutcomesOfUnsignedWebhooks.Select(outcome => $"\"{outcome}\""))})";
        return
        [
            .. Unless(
                (rule.Is("kind", "WorkspaceTransforms"), "the rule is not a workspace transformation"),
                (deployment.All("Microsoft.OperationalInsights/workspaces").Select(WithoutLink).Distinct(StringComparer.Ordinal).Count() is 1,
                    "the two deployments of the workspace differ in more than the link to the rule"),
                (deployment.Workspace.Is("properties.defaultDataCollectionRuleResourceId", rule.Id), "the workspace does not use the rule"),
                (rule.List("properties.destinations.logAnalytics") is [var workspace] && workspace!["workspaceResourceId"]!.ToString() == deployment.Workspace.Id,
                    "the rule is for another workspace"),
                (flows.GetValueOrDefault("AppRequests") is "source | where isempty(Url)", "rows with URLs are stored"),
                (rule.List("properties.dataFlows").All(flow => flow!["outputStream"] is null), "rows are sent to another table")),
            .. Differences(["AppDependencies", "AppRequests", "AppTraces"], flows.Keys),
            .. Unless(
                (flows.GetValueOrDefault("AppDependencies") == $"source | where tostring(Properties[\"walletfunctions.outcome\"]) !in {unsigned}",
                    "any caller can fill the log with spans"),
                (flows.GetValueOrDefault("AppTraces") == "source | where not(Message startswith \"delink_audit \" and Message contains \" caller=webhook:\" "
                    + $"and extract(@\" outcome=(\\S+)\", 1, Message) in {unsigned})", "any caller can fill the log with audit records")),
        ];
    }

    private static string WithoutLink(Resource workspace)
    {
        var copy = workspace.Json.DeepClone().AsObject();
        copy["properties"]!.AsObject().Remove("defaultDataCollectionRuleResourceId");
        return copy.ToJsonString();
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
                    (authentication.Is("properties.platform.enabled", "true"), "authentication is disabled"),
                    (authentication.Is("properties.globalValidation.requireAuthentication", "true"), "a token is accepted but not required"),
                    (authentication.Is("properties.globalValidation.unauthenticatedClientAction", "Return401"), "callers are redirected to a login page"),
                    (authentication.List($"{Validation}.allowedAudiences") is [_, ..], "tokens for other applications are accepted"),
                    (authentication.List($"{Validation}.defaultAuthorizationPolicy.allowedApplications") is [_, ..], "every application may call"),
                    (Core.Routes.Count > 4, "the routes were not found")),
                .. excluded.Where(path => !anonymous.Any(route => Covers(path, route))).Select(path => $"{path} is not an anonymous route"),
                .. Core.Routes.Where(route => !route.IsAnonymous && excluded.Any(path => Covers(path, route.Path)))
                    .Select(route => $"{route.Path} is reachable without a token"),
                .. anonymous.Where(route => route.StartsWith("/webhooks/", StringComparison.Ordinal) || route is "/health")
                    .Where(route => !excluded.Any(path => Covers(path, route)))
                    .Select(route => $"{route} cannot be called without a token"),
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

    private static IEnumerable<string> Tokens(Deployment deployment)
    {
        const string Provider = "properties.identityProviders.azureActiveDirectory";
        var authentication = deployment.Authentication.ToArray();
        var tenant = deployment.Vault.Text("properties.tenantId");
        return
        [
            .. Unless((authentication.Length == (deployment.Expectations.AsksForToken ? 1 : 0), "whether a token is required differs from the expectation")),
            .. authentication.SelectMany(one =>
            {
                var clientId = one.Text($"{Provider}.registration.clientId") ?? "";
                return Unless(
                        (Guid.TryParse(clientId, out _), "the app's client id is not a GUID"),
                        (one.Texts($"{Provider}.validation.defaultAuthorizationPolicy.allowedApplications").All(id => Guid.TryParse(id, out _)), "an allowed application is not a GUID"),
                        (one.Is($"{Provider}.enabled", "true"), "the Entra identity provider is disabled"),
                        (one.Is($"{Provider}.registration.openIdIssuer", $"[format('{{0}}{{1}}/v2.0', environment().authentication.loginEndpoint, '{tenant}')]"),
                            "tokens of other tenants are accepted"),
                        (one.Is("properties.httpSettings.requireHttps", "true"), "tokens are accepted without https"),
                        (one.Is("properties.login.tokenStore.enabled", "false"), "tokens are stored"))
                    .Concat(Differences([clientId, "api://" + clientId], one.Texts($"{Provider}.validation.allowedAudiences")))
                    .Concat(Differences(["azureActiveDirectory"], ((JsonObject)one.At("properties.identityProviders")!).Select(provider => provider.Key)));
            }),
        ];
    }

    private static IEnumerable<string> Secrets(Deployment deployment)
    {
        string[] outputs = deployment.Name is "azd"
            ? ["AZURE_FUNCTION_APP_NAME", "AZURE_KEY_VAULT_NAME", "AZURE_RESOURCE_GROUP", "WALLETFUNCTIONS_BASE_URL"]
            : ["functionAppName", "hostName", "identityClientId", "outboundAddress", "vaultName"];
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
        return expected.Except(found).Select(item => $"missing: {item}").Concat(found.Except(expected).Select(item => $"unexpected: {item}"))
            .Concat(found.GroupBy(item => item).Where(group => group.Count() > 1).Select(group => $"twice: {group.Key}"));
    }
}

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>
/// The properties that each resource type may set. A row has the path of a property, in which <c>*</c> is a list index or a name from the parameters, then
/// <c>?</c> if the property is optional, then its permitted values. A row without values permits every value, or another policy checks the value.
/// </summary>
internal static class ConsideredProperties
{
    private const string Text = """
        Microsoft.Authorization/roleAssignments
          properties.principalId
          properties.principalType = Group | ServicePrincipal | User
          properties.roleDefinitionId
        Microsoft.Consumption/budgets
          properties.amount
          properties.category = Cost
          properties.notifications.*.contactEmails = []
          properties.notifications.*.contactGroups.*
          properties.notifications.*.enabled = true
          properties.notifications.*.operator = GreaterThan
          properties.notifications.*.threshold
          properties.notifications.*.thresholdType = Actual | Forecasted
          properties.timeGrain = Monthly
          properties.timePeriod.startDate
        Microsoft.EventGrid/systemTopics
          properties.source
          properties.topicType = Microsoft.KeyVault.vaults
        Microsoft.EventGrid/systemTopics/eventSubscriptions
          properties.destination.endpointType = MonitorAlert
          properties.destination.properties.actionGroups.*
          properties.destination.properties.description
          properties.destination.properties.severity = Sev2
          properties.eventDeliverySchema = CloudEventSchemaV1_0
          properties.filter.includedEventTypes.* = Microsoft.KeyVault.SecretExpired | Microsoft.KeyVault.SecretNearExpiry
        Microsoft.Insights/actionGroups
          properties.emailReceivers? = []
          properties.emailReceivers.*.emailAddress?
          properties.emailReceivers.*.name?
          properties.emailReceivers.*.useCommonAlertSchema? = true
          properties.enabled = true
          properties.groupShortName
          properties.smsReceivers? = []
          properties.smsReceivers.*.countryCode?
          properties.smsReceivers.*.name?
          properties.smsReceivers.*.phoneNumber?
          properties.webhookReceivers? = []
          properties.webhookReceivers.*.name?
          properties.webhookReceivers.*.serviceUri?
          properties.webhookReceivers.*.useCommonAlertSchema? = true
        Microsoft.Insights/components
          kind = web
          properties.Application_Type = web
          properties.DisableLocalAuth = true
          properties.WorkspaceResourceId
        Microsoft.Insights/dataCollectionRules
          kind = WorkspaceTransforms
          properties.dataFlows.*.destinations.* = workspace
          properties.dataFlows.*.streams.*
          properties.dataFlows.*.transformKql
          properties.dataSources = {}
          properties.destinations.logAnalytics.*.name = workspace
          properties.destinations.logAnalytics.*.workspaceResourceId
        Microsoft.Insights/diagnosticSettings
          properties.logAnalyticsDestinationType = Dedicated
          properties.logs.*.categoryGroup = audit
          properties.logs.*.enabled = true
          properties.workspaceId
        Microsoft.Insights/metricAlerts
          properties.actions.*.actionGroupId
          properties.autoMitigate = true
          properties.criteria.allOf.*.criterionType = StaticThresholdCriterion
          properties.criteria.allOf.*.dimensions.*.name = StatusCode
          properties.criteria.allOf.*.dimensions.*.operator = Include
          properties.criteria.allOf.*.dimensions.*.values.* = 403
          properties.criteria.allOf.*.metricName = ServiceApiResult
          properties.criteria.allOf.*.metricNamespace = Microsoft.KeyVault/vaults
          properties.criteria.allOf.*.name = denied
          properties.criteria.allOf.*.operator = GreaterThan
          properties.criteria.allOf.*.threshold = 0
          properties.criteria.allOf.*.timeAggregation = Count
          properties.criteria.odata.type = Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria
          properties.description
          properties.enabled = true
          properties.evaluationFrequency = PT5M
          properties.scopes.*
          properties.severity = 1
          properties.windowSize = PT5M
        Microsoft.Insights/scheduledQueryRules
          kind = LogAlert
          properties.actions.actionGroups.*
          properties.autoMitigate = true
          properties.criteria.allOf.*.failingPeriods.minFailingPeriodsToAlert = 1
          properties.criteria.allOf.*.failingPeriods.numberOfEvaluationPeriods = 1
          properties.criteria.allOf.*.operator = GreaterThan | LessThan
          properties.criteria.allOf.*.query
          properties.criteria.allOf.*.threshold
          properties.criteria.allOf.*.timeAggregation = Count
          properties.displayName
          properties.enabled = true
          properties.evaluationFrequency = PT15M | PT5M
          properties.scopes.*
          properties.severity = 1 | 2
          properties.skipQueryValidation = true
          properties.windowSize = PT15M | PT30M | PT3H
        Microsoft.Insights/workbooks
          kind = shared
          properties.category = workbook
          properties.displayName
          properties.serializedData
          properties.sourceId
          properties.version = Notebook/1.0
        Microsoft.KeyVault/vaults
          properties.createMode = default | recover
          properties.enablePurgeProtection = true | null
          properties.enableRbacAuthorization = true
          properties.enableSoftDelete = true
          properties.enabledForDeployment = false
          properties.enabledForDiskEncryption = false
          properties.enabledForTemplateDeployment = false
          properties.networkAcls.bypass = None
          properties.networkAcls.defaultAction = Allow | Deny
          properties.networkAcls.ipRules? = []
          properties.networkAcls.ipRules.*.value?
          properties.networkAcls.virtualNetworkRules? = []
          properties.networkAcls.virtualNetworkRules.*.id?
          properties.publicNetworkAccess = Disabled | Enabled
          properties.sku.family = A
          properties.sku.name = standard
          properties.softDeleteRetentionInDays = 90
          properties.tenantId
        Microsoft.ManagedIdentity/userAssignedIdentities
        Microsoft.Network/natGateways
          properties.idleTimeoutInMinutes = 4
          properties.publicIpAddresses.*.id
          sku.name = Standard
        Microsoft.Network/privateDnsZones
        Microsoft.Network/privateDnsZones/virtualNetworkLinks
          properties.registrationEnabled = false
          properties.virtualNetwork.id
        Microsoft.Network/privateEndpoints
          properties.privateLinkServiceConnections.*.name = blob | queue | vault
          properties.privateLinkServiceConnections.*.properties.groupIds.* = blob | queue | vault
          properties.privateLinkServiceConnections.*.properties.privateLinkServiceId
          properties.subnet.id
        Microsoft.Network/privateEndpoints/privateDnsZoneGroups
          properties.privateDnsZoneConfigs.*.name = blob | queue | vault
          properties.privateDnsZoneConfigs.*.properties.privateDnsZoneId
        Microsoft.Network/publicIPAddresses
          properties.publicIPAddressVersion = IPv4
          properties.publicIPAllocationMethod = Static
          sku.name = Standard
          sku.tier = Regional
        Microsoft.Network/virtualNetworks
          properties.addressSpace.addressPrefixes.*
          properties.subnets.*.name
          properties.subnets.*.properties.addressPrefix
          properties.subnets.*.properties.defaultOutboundAccess = false
          properties.subnets.*.properties.delegations.*.name
          properties.subnets.*.properties.delegations.*.properties.serviceName = Microsoft.App/environments
          properties.subnets.*.properties.natGateway? = null
          properties.subnets.*.properties.natGateway.id?
          properties.subnets.*.properties.serviceEndpoints? = []
          properties.subnets.*.properties.serviceEndpoints.*.service? = Microsoft.KeyVault | Microsoft.Storage
        Microsoft.OperationalInsights/workspaces
          properties.defaultDataCollectionRuleResourceId?
          properties.features.disableLocalAuth = true
          properties.features.enableLogAccessUsingOnlyResourcePermissions = true
          properties.retentionInDays
          properties.sku.name = PerGB2018
          properties.workspaceCapping.dailyQuotaGb
        Microsoft.OperationalInsights/workspaces/tables
          properties.plan = Analytics
          properties.retentionInDays
          properties.totalRetentionInDays
        Microsoft.Resources/resourceGroups
        Microsoft.Storage/storageAccounts
          kind = StorageV2
          properties.accessTier = Hot
          properties.allowBlobPublicAccess = false
          properties.allowCrossTenantReplication = false
          properties.allowSharedKeyAccess = false
          properties.defaultToOAuthAuthentication = true
          properties.minimumTlsVersion = TLS1_2
          properties.networkAcls.bypass = None
          properties.networkAcls.defaultAction = Allow | Deny
          properties.networkAcls.ipRules? = []
          properties.networkAcls.ipRules.*.action? = Allow
          properties.networkAcls.ipRules.*.value?
          properties.networkAcls.virtualNetworkRules? = []
          properties.networkAcls.virtualNetworkRules.*.action? = Allow
          properties.networkAcls.virtualNetworkRules.*.id?
          properties.publicNetworkAccess = Disabled | Enabled
          properties.supportsHttpsTrafficOnly = true
          sku.name = Standard_LRS
        Microsoft.Storage/storageAccounts/blobServices
          properties.deleteRetentionPolicy.days = 7
          properties.deleteRetentionPolicy.enabled = true
        Microsoft.Storage/storageAccounts/blobServices/containers
          properties.publicAccess = None
        Microsoft.Storage/storageAccounts/queueServices
        Microsoft.Storage/storageAccounts/queueServices/queues
        Microsoft.Web/serverfarms
          kind = functionapp
          properties.reserved = true
          sku.name = FC1
          sku.tier = FlexConsumption
        Microsoft.Web/sites
          identity.type = UserAssigned
          identity.userAssignedIdentities.* = {}
          kind = functionapp,linux
          properties.functionAppConfig.deployment.storage.authentication.type = UserAssignedIdentity
          properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId
          properties.functionAppConfig.deployment.storage.type = blobContainer
          properties.functionAppConfig.deployment.storage.value
          properties.functionAppConfig.runtime.name = dotnet-isolated
          properties.functionAppConfig.runtime.version = 10.0
          properties.functionAppConfig.scaleAndConcurrency.alwaysReady? = []
          properties.functionAppConfig.scaleAndConcurrency.alwaysReady.*.instanceCount? = 1
          properties.functionAppConfig.scaleAndConcurrency.alwaysReady.*.name? = http
          properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB = 2048 | 512
          properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount
          properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency = 16 | 32
          properties.httpsOnly = true
          properties.publicNetworkAccess = Enabled
          properties.serverFarmId
          properties.siteConfig.appSettings.*.name
          properties.siteConfig.appSettings.*.value
          properties.siteConfig.minTlsVersion = 1.2
          properties.siteConfig.scmMinTlsVersion = 1.2
          properties.virtualNetworkSubnetId
        Microsoft.Web/sites/basicPublishingCredentialsPolicies
          properties.allow = false
        Microsoft.Web/sites/config
          properties.globalValidation.excludedPaths.*
          properties.globalValidation.requireAuthentication = true
          properties.globalValidation.unauthenticatedClientAction = Return401
          properties.httpSettings.requireHttps = true
          properties.identityProviders.azureActiveDirectory.enabled = true
          properties.identityProviders.azureActiveDirectory.registration.clientId
          properties.identityProviders.azureActiveDirectory.registration.openIdIssuer
          properties.identityProviders.azureActiveDirectory.validation.allowedAudiences.*
          properties.identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications.*
          properties.login.tokenStore.enabled = false
          properties.platform.enabled = true
        """;

    private static readonly string[] OfEveryType = ["apiVersion", "id", "location", "name", "tags", "tags.*", "type"];

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, Rule>> ByType { get; } = Parse();

    private static Dictionary<string, IReadOnlyDictionary<string, Rule>> Parse()
    {
        var types = new Dictionary<string, IReadOnlyDictionary<string, Rule>>();
        Dictionary<string, Rule> rules = [];
        foreach (var line in Text.Split('\n'))
        {
            if (!line.StartsWith(' '))
            {
                rules = OfEveryType.ToDictionary(path => path, path => new Rule(IsRequired: path is "id" or "name" or "type" or "apiVersion", Values: []));
                types.Add(line, rules);
            }
            else
            {
                var parts = line.Trim().Split(" = ");
                rules.Add(parts[0].TrimEnd('?'), new Rule(!parts[0].EndsWith('?'), parts.Length is 2 ? parts[1].Split(" | ") : []));
            }
        }

        return types;
    }

    /// <summary>The rule of one property.</summary>
    /// <param name="IsRequired">Whether it must be set.</param>
    /// <param name="Values">The permitted values; empty permits any.</param>
    internal sealed record Rule(bool IsRequired, IReadOnlyList<string> Values);
}

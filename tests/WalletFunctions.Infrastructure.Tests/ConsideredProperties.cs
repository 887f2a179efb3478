namespace WalletFunctions.Infrastructure.Tests;

/// <summary>What may be set on a resource of each type: <c>*</c> is an index of a list, or a name that the parameters decide.</summary>
internal static class ConsideredProperties
{
    private static readonly string[] OfEveryType = ["apiVersion", "id", "kind", "location", "name", "sku.name", "sku.tier", "tags", "tags.*", "type"];

    public static IReadOnlyDictionary<string, IReadOnlySet<string>> ByType { get; } = new Dictionary<string, string[]>
    {
        ["Microsoft.Authorization/roleAssignments"] =
        [
            "properties.principalId", "properties.principalType", "properties.roleDefinitionId",
        ],
        ["Microsoft.Consumption/budgets"] =
        [
            "properties.amount", "properties.category", "properties.notifications.*.contactEmails", "properties.notifications.*.contactGroups.*",
            "properties.notifications.*.enabled", "properties.notifications.*.operator", "properties.notifications.*.threshold",
            "properties.notifications.*.thresholdType", "properties.timeGrain", "properties.timePeriod.startDate",
        ],
        ["Microsoft.EventGrid/systemTopics"] =
        [
            "properties.source", "properties.topicType",
        ],
        ["Microsoft.EventGrid/systemTopics/eventSubscriptions"] =
        [
            "properties.destination.endpointType", "properties.destination.properties.actionGroups.*",
            "properties.destination.properties.description", "properties.destination.properties.severity", "properties.eventDeliverySchema",
            "properties.filter.includedEventTypes.*",
        ],
        ["Microsoft.Insights/actionGroups"] =
        [
            "properties.emailReceivers", "properties.emailReceivers.*.emailAddress", "properties.emailReceivers.*.name",
            "properties.emailReceivers.*.useCommonAlertSchema", "properties.enabled", "properties.groupShortName", "properties.smsReceivers",
            "properties.smsReceivers.*.countryCode", "properties.smsReceivers.*.name", "properties.smsReceivers.*.phoneNumber",
            "properties.webhookReceivers", "properties.webhookReceivers.*.name", "properties.webhookReceivers.*.serviceUri",
            "properties.webhookReceivers.*.useCommonAlertSchema",
        ],
        ["Microsoft.Insights/components"] =
        [
            "properties.Application_Type", "properties.DisableLocalAuth", "properties.WorkspaceResourceId",
        ],
        ["Microsoft.Insights/dataCollectionRules"] =
        [
            "properties.dataFlows.*.destinations.*", "properties.dataFlows.*.streams.*", "properties.dataFlows.*.transformKql",
            "properties.dataSources", "properties.destinations.logAnalytics.*.name", "properties.destinations.logAnalytics.*.workspaceResourceId",
        ],
        ["Microsoft.Insights/diagnosticSettings"] =
        [
            "properties.logAnalyticsDestinationType", "properties.logs.*.categoryGroup", "properties.logs.*.enabled", "properties.workspaceId",
        ],
        ["Microsoft.Insights/metricAlerts"] =
        [
            "properties.actions.*.actionGroupId", "properties.autoMitigate", "properties.criteria.allOf.*.criterionType",
            "properties.criteria.allOf.*.dimensions.*.name", "properties.criteria.allOf.*.dimensions.*.operator",
            "properties.criteria.allOf.*.dimensions.*.values.*", "properties.criteria.allOf.*.metricName",
            "properties.criteria.allOf.*.metricNamespace", "properties.criteria.allOf.*.name", "properties.criteria.allOf.*.operator",
            "properties.criteria.allOf.*.threshold", "properties.criteria.allOf.*.timeAggregation", "properties.criteria.odata.type",
            "properties.description", "properties.enabled", "properties.evaluationFrequency", "properties.scopes.*", "properties.severity",
            "properties.windowSize",
        ],
        ["Microsoft.Insights/scheduledQueryRules"] =
        [
            "properties.actions.actionGroups.*", "properties.autoMitigate", "properties.criteria.allOf.*.failingPeriods.minFailingPeriodsToAlert",
            "properties.criteria.allOf.*.failingPeriods.numberOfEvaluationPeriods", "properties.criteria.allOf.*.operator",
            "properties.criteria.allOf.*.query", "properties.criteria.allOf.*.threshold", "properties.criteria.allOf.*.timeAggregation",
            "properties.displayName", "properties.enabled", "properties.evaluationFrequency", "properties.scopes.*", "properties.severity",
            "properties.skipQueryValidation", "properties.windowSize",
        ],
        ["Microsoft.Insights/workbooks"] =
        [
            "properties.category", "properties.displayName", "properties.serializedData", "properties.sourceId", "properties.version",
        ],
        ["Microsoft.KeyVault/vaults"] =
        [
            "properties.createMode", "properties.enablePurgeProtection", "properties.enableRbacAuthorization", "properties.enableSoftDelete",
            "properties.enabledForDeployment", "properties.enabledForDiskEncryption", "properties.enabledForTemplateDeployment",
            "properties.networkAcls.bypass", "properties.networkAcls.defaultAction", "properties.networkAcls.ipRules",
            "properties.networkAcls.ipRules.*.value", "properties.networkAcls.virtualNetworkRules", "properties.networkAcls.virtualNetworkRules.*.id",
            "properties.publicNetworkAccess", "properties.sku.family", "properties.sku.name", "properties.softDeleteRetentionInDays",
            "properties.tenantId",
        ],
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = [],
        ["Microsoft.Network/natGateways"] =
        [
            "properties.idleTimeoutInMinutes", "properties.publicIpAddresses.*.id",
        ],
        ["Microsoft.Network/privateDnsZones"] = [],
        ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] =
        [
            "properties.registrationEnabled", "properties.virtualNetwork.id",
        ],
        ["Microsoft.Network/privateEndpoints"] =
        [
            "properties.privateLinkServiceConnections.*.name", "properties.privateLinkServiceConnections.*.properties.groupIds.*",
            "properties.privateLinkServiceConnections.*.properties.privateLinkServiceId", "properties.subnet.id",
        ],
        ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] =
        [
            "properties.privateDnsZoneConfigs.*.name", "properties.privateDnsZoneConfigs.*.properties.privateDnsZoneId",
        ],
        ["Microsoft.Network/publicIPAddresses"] =
        [
            "properties.publicIPAddressVersion", "properties.publicIPAllocationMethod",
        ],
        ["Microsoft.Network/virtualNetworks"] =
        [
            "properties.addressSpace.addressPrefixes.*", "properties.subnets.*.name", "properties.subnets.*.properties.addressPrefix",
            "properties.subnets.*.properties.defaultOutboundAccess", "properties.subnets.*.properties.delegations.*.name",
            "properties.subnets.*.properties.delegations.*.properties.serviceName", "properties.subnets.*.properties.natGateway",
            "properties.subnets.*.properties.natGateway.id", "properties.subnets.*.properties.serviceEndpoints",
            "properties.subnets.*.properties.serviceEndpoints.*.service",
        ],
        ["Microsoft.OperationalInsights/workspaces"] =
        [
            "properties.defaultDataCollectionRuleResourceId", "properties.features.disableLocalAuth",
            "properties.features.enableLogAccessUsingOnlyResourcePermissions", "properties.retentionInDays", "properties.sku.name",
            "properties.workspaceCapping.dailyQuotaGb",
        ],
        ["Microsoft.OperationalInsights/workspaces/tables"] =
        [
            "properties.plan", "properties.retentionInDays", "properties.totalRetentionInDays",
        ],
        ["Microsoft.Resources/resourceGroups"] = [],
        ["Microsoft.Storage/storageAccounts"] =
        [
            "properties.accessTier", "properties.allowBlobPublicAccess", "properties.allowCrossTenantReplication", "properties.allowSharedKeyAccess",
            "properties.defaultToOAuthAuthentication", "properties.minimumTlsVersion", "properties.networkAcls.bypass",
            "properties.networkAcls.defaultAction", "properties.networkAcls.ipRules", "properties.networkAcls.virtualNetworkRules",
            "properties.networkAcls.virtualNetworkRules.*.action", "properties.networkAcls.virtualNetworkRules.*.id",
            "properties.publicNetworkAccess", "properties.supportsHttpsTrafficOnly",
        ],
        ["Microsoft.Storage/storageAccounts/blobServices"] =
        [
            "properties.deleteRetentionPolicy.days", "properties.deleteRetentionPolicy.enabled",
        ],
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] =
        [
            "properties.publicAccess",
        ],
        ["Microsoft.Web/serverfarms"] =
        [
            "properties.reserved",
        ],
        ["Microsoft.Web/sites"] =
        [
            "identity.type", "identity.userAssignedIdentities.*", "properties.functionAppConfig.deployment.storage.authentication.type",
            "properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId",
            "properties.functionAppConfig.deployment.storage.type", "properties.functionAppConfig.deployment.storage.value",
            "properties.functionAppConfig.runtime.name", "properties.functionAppConfig.runtime.version",
            "properties.functionAppConfig.scaleAndConcurrency.alwaysReady",
            "properties.functionAppConfig.scaleAndConcurrency.alwaysReady.*.instanceCount",
            "properties.functionAppConfig.scaleAndConcurrency.alwaysReady.*.name",
            "properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB",
            "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount",
            "properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency", "properties.httpsOnly",
            "properties.publicNetworkAccess", "properties.serverFarmId", "properties.siteConfig.appSettings.*.name",
            "properties.siteConfig.appSettings.*.value", "properties.siteConfig.minTlsVersion", "properties.siteConfig.scmMinTlsVersion",
            "properties.virtualNetworkSubnetId",
        ],
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] =
        [
            "properties.allow",
        ],
        ["Microsoft.Web/sites/config"] =
        [
            "properties.globalValidation.excludedPaths.*", "properties.globalValidation.requireAuthentication",
            "properties.globalValidation.unauthenticatedClientAction", "properties.httpSettings.requireHttps",
            "properties.identityProviders.azureActiveDirectory.enabled", "properties.identityProviders.azureActiveDirectory.registration.clientId",
            "properties.identityProviders.azureActiveDirectory.registration.openIdIssuer",
            "properties.identityProviders.azureActiveDirectory.validation.allowedAudiences.*",
            "properties.identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications.*",
            "properties.login.tokenStore.enabled", "properties.platform.enabled",
        ],
    }.ToDictionary(type => type.Key, IReadOnlySet<string> (type) => type.Value.Concat(OfEveryType).ToHashSet());
}

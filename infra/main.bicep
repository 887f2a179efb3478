targetScope = 'resourceGroup'

metadata name = 'WalletFunctions'
metadata description = 'An app that can only delink wallets at Juspay, with its identity, the vault with the Juspay API keys, and monitoring.'

import { instances } from 'sizes.bicep'
import {
  alertReceiver
  auditRetentionDays as auditRetentionDaysType
  callerAuthentication as callerAuthenticationType
  dailyLogCap as dailyLogCapType
  environmentName as environmentNameType
  juspaySettings
  keyVaultSettings as keyVaultSettingsType
  merchant
  networkMode as networkModeType
  secretOfficer
  sizing as sizingType
  tags as tagsType
  webhookEvents as webhookEventsType
  webhookIntake as webhookIntakeType
  webhookSender
} from 'types.bicep'

@description('The environment. Resource names contain it, and only dev has a vault without purge protection.')
param environmentName environmentNameType

@description('The region. Flex Consumption must be available there: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Tags on every resource.')
param tags tagsType = {}

@description('''The size of an instance, and what executions of a second each cost at list prices.
cheapest: 512 MB; $0.00 a month for 50,000 calls, $10.70 for a million.
fastest: 2048 MB and one core; $0.00 a month for 50,000 calls, $49.70 for a million.
alwaysWarm: 512 MB and one instance that is always ready, which avoids most cold starts; $5.68 a month for 50,000 calls, $15.96 for a million.''')
param sizing sizingType = 'fastest'

@description('The largest number of instances, which limits the cost of an attack. Every region accepts at least 40. The network has a subnet for them.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('''The networks from which Key Vault and the storage account can be reached. The app itself stays reachable from the internet.
public: from all networks, by principals that have a role; free.
serviceEndpoint: from the app's subnet only; free.
privateEndpoint: through private addresses in the network only; see README.md for the cost of the endpoints.''')
param networkMode networkModeType = 'serviceEndpoint'

@description('Whether calls to Juspay come from one fixed address, for accounts that allow-list addresses: the output outboundAddress.')
param fixedOutboundAddress bool = false

@description('''Public IPv4 addresses, or ranges of 4 (/30) to 256 (/24), from which operators can reach the vault, to store secrets, and the queues of
webhooks, even if the networks are closed.''')
param operatorAddresses string[] = []

@description('Whether a deleted vault of the same name is recovered with its secrets, for a group that was deleted and is created again.')
param recoverVault bool = false

@description('The principals that may store secrets. The deploying principal need not be one of them.')
param secretOfficers secretOfficer[] = []

@description('The credentials of a caller: a function key, or a function key and an Entra token. Webhooks and health are the same in both cases.')
param callerAuthentication callerAuthenticationType = {
  mode: 'functionKeys'
}

@description('Juspay:* settings.')
param juspay juspaySettings

@description('KeyVault:* settings.')
param keyVaultSettings keyVaultSettingsType = {}

@description('Audit:HashSecretName: the secret with the key of the hashes of ids in audit records. Without it, the records have no hashes.')
param auditHashSecretName string?

@description('Webhooks:CustomerEvents and Webhooks:WalletEvents.')
param webhookEvents webhookEventsType = {}

@description('Webhooks:Intake. With queue, no event is lost while Juspay is down, also of senders that do not repeat it.')
param webhookIntake webhookIntakeType = 'direct'

@description('Webhooks:MaxAge, at most 7 days.')
param webhookMaxAge string?

@description('Webhooks:Senders:* settings.')
param webhookSenders webhookSender[] = []

@description('Merchants:* settings, if one deployment serves several merchants.')
param merchants merchant[] = []

@description('Merchants:RequireMatch: whether to refuse function keys that name none of the merchants.')
param requireMerchant bool = false

@description('The receivers of all alerts.')
@minLength(1)
param alertReceivers alertReceiver[]

@description('Additional receivers of severity 1 alerts, for example by text message or webhook.')
param urgentReceivers alertReceiver[] = []

@description('''Ids of existing action groups that also receive severity 1 alerts. Use them for Teams, Slack and similar services: their addresses are secrets,
and this deployment takes no secrets.''')
param urgentActionGroupIds string[] = []

@description('Number of days for which the log can be searched. 31 days are included in its price.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 31

@description('Number of days for which the audit records of the app and of Key Vault are kept. Up to 730 days they can be searched directly, after that by a search job.')
param auditRetentionDays auditRetentionDaysType = 365

@description('The daily limit of the log in gigabytes. Beyond it, nothing is stored until the next day, including audit records, and an alert fires.')
param dailyLogCap dailyLogCapType = '0.5'

@description('''The monthly budget of the resource group, in the currency of the subscription. A notification is sent at 80 % of it, and when the forecast exceeds
it. If it is not set, no budget is created, because some types of subscription do not support budgets.''')
@minValue(1)
param monthlyBudget int?

@description('''The first day of the budget\'s first month, yyyy-MM-01. The default is the month of the first deployment. Set it, to the current month, only if a
budget is added later.''')
param budgetStartDate string?

var uniqueToken = uniqueString(resourceGroup().id)
var nameSuffix = 'delink-${environmentName}-${uniqueToken}'
var appName = 'func-${nameSuffix}'
var identityName = 'id-${nameSuffix}'
var insightsName = 'appi-${nameSuffix}'
var networkName = 'vnet-${nameSuffix}'
var storageName = 'st${environmentName}${uniqueToken}'
var vaultName = 'kv-${environmentName}-${uniqueToken}'
var workspaceName = 'log-${nameSuffix}'
var transformationsName = 'dcr-${nameSuffix}'

var appSubnetName = 'app'
var privateEndpointsSubnetName = 'private-endpoints'
var packagesContainerName = 'packages'

// Modules refer to each other by names, not by outputs, so that a snapshot and what-if show the references. The
// order that outputs would imply is set with dependsOn.

// A mistake such as 0.0.0.0/0 would open the vault to the whole internet. A storage account refuses /31 and /32.
var checkedOperatorAddresses = map(
  operatorAddresses,
  address =>
    contains(range(24, 7), int(contains(address, '/') ? split(address, '/')[1] : '24'))
      ? address
      : fail('operatorAddresses: ${address} is too wide or too narrow. Give single addresses or ranges of /24 to /30.')
)

// The alerts nothing-heard and telemetry-stopped look at the reads of three hours. With a longer interval, the first would fire without a failure, and the
// second would never fire.
var checkedKeyVaultSettings = startsWith(keyVaultSettings.?refreshInterval ?? '00:', '00:') || keyVaultSettings.?refreshInterval == '01:00:00'
  ? keyVaultSettings
  : fail('keyVaultSettings: the refreshInterval ${keyVaultSettings.?refreshInterval} is longer than 01:00:00.')

// A merchant without its own secret has no webhook route, so it adds no name.
var signingSecretNames = union(
  [keyVaultSettings.?webhookSecretName ?? 'webhook-signing-secret'],
  map(filter(merchants, one => one.?webhookSecretName != null), one => one.webhookSecretName!),
  map(webhookSenders, one => one.?secretName ?? '${replace(one.name, '_', '-')}-webhook-secret')
)

// The last one is created by the Functions host for messages that it failed to pass on; with a role at each queue, the host cannot create it.
var queueNames = webhookIntake == 'queue' ? ['delink-events', 'delink-events-failed', 'delink-events-poison'] : []

var hasNetwork = networkMode != 'public' || fixedOutboundAddress
var appSubnetId = hasNetwork ? resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, appSubnetName) : null

module identity 'modules/identity.bicep' = {
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (hasNetwork) {
  params: {
    name: networkName
    appSubnetName: appSubnetName
    privateEndpointsSubnetName: privateEndpointsSubnetName
    location: location
    tags: tags
    networkMode: networkMode
    fixedOutboundAddress: fixedOutboundAddress
    maximumInstanceCount: maximumInstanceCount
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: workspaceName
    transformationsName: transformationsName
    insightsName: insightsName
    location: location
    tags: tags
    dailyLogCap: dailyLogCap
    logRetentionDays: logRetentionDays
    auditRetentionDays: auditRetentionDays
  }
}

module keyVault 'modules/keyVault.bicep' = {
  params: {
    name: vaultName
    location: location
    tags: tags
    enablePurgeProtection: environmentName != 'dev'
    recover: recoverVault
    networkMode: networkMode
    appSubnetId: appSubnetId
    operatorAddresses: checkedOperatorAddresses
    secretOfficers: secretOfficers
    workspaceName: workspaceName
  }
  dependsOn: [
    monitoring
    network
  ]
}

module storage 'modules/storage.bicep' = {
  params: {
    name: storageName
    location: location
    tags: tags
    networkMode: networkMode
    appSubnetId: appSubnetId
    operatorAddresses: checkedOperatorAddresses
    packagesContainerName: packagesContainerName
    queueNames: queueNames
  }
  dependsOn: [
    network
  ]
}

module vaultEndpoint 'modules/privateEndpoint.bicep' = if (networkMode == 'privateEndpoint') {
  params: {
    name: 'pep-vault-${nameSuffix}'
    location: location
    tags: tags
    networkName: networkName
    subnetName: privateEndpointsSubnetName
    serviceId: resourceId('Microsoft.KeyVault/vaults', vaultName)
    groupId: 'vault'
    // This is not the public suffix of vaults, so it cannot be derived from environment().
    zoneName: 'privatelink.vaultcore.azure.net'
  }
  dependsOn: [
    keyVault
    network
  ]
}

module blobEndpoint 'modules/privateEndpoint.bicep' = if (networkMode == 'privateEndpoint') {
  params: {
    name: 'pep-blob-${nameSuffix}'
    location: location
    tags: tags
    networkName: networkName
    subnetName: privateEndpointsSubnetName
    serviceId: resourceId('Microsoft.Storage/storageAccounts', storageName)
    groupId: 'blob'
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
  }
  dependsOn: [
    network
    storage
  ]
}

module queueEndpoint 'modules/privateEndpoint.bicep' = if (networkMode == 'privateEndpoint' && !empty(queueNames)) {
  params: {
    name: 'pep-queue-${nameSuffix}'
    location: location
    tags: tags
    networkName: networkName
    subnetName: privateEndpointsSubnetName
    serviceId: resourceId('Microsoft.Storage/storageAccounts', storageName)
    groupId: 'queue'
    zoneName: 'privatelink.queue.${environment().suffixes.storage}'
  }
  dependsOn: [
    network
    storage
  ]
}

module access 'modules/access.bicep' = {
  params: {
    identityName: identityName
    // what-if cannot evaluate this: see the module.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
    vaultName: vaultName
    storageName: storageName
    queueNames: queueNames
    insightsName: insightsName
  }
  dependsOn: [
    keyVault
    monitoring
    storage
  ]
}

module functionApp 'modules/functionApp.bicep' = {
  params: {
    name: appName
    planName: 'plan-${nameSuffix}'
    location: location
    tags: tags
    sizing: sizing
    maximumInstanceCount: maximumInstanceCount
    subnetId: appSubnetId
    identityName: identityName
    storageName: storageName
    packagesContainerName: packagesContainerName
    insightsName: insightsName
    vaultName: vaultName
    juspay: juspay
    keyVaultSettings: checkedKeyVaultSettings
    auditHashSecretName: auditHashSecretName
    webhookEvents: webhookEvents
    webhookIntake: webhookIntake
    webhookMaxAge: webhookMaxAge
    webhookSenders: webhookSenders
    merchants: merchants
    requireMerchant: requireMerchant
    callerAuthentication: callerAuthentication
  }
  dependsOn: [
    access
    blobEndpoint
    keyVault
    monitoring
    network
    queueEndpoint
    storage
    vaultEndpoint
  ]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    nameSuffix: nameSuffix
    location: location
    tags: tags
    workspaceName: workspaceName
    vaultName: vaultName
    identityName: identityName
    storageName: storageName
    signingSecretNames: signingSecretNames
    hasIntake: webhookIntake == 'queue'
    isAlwaysRunning: instances[sizing].alwaysReady > 0
    receivers: alertReceivers
    urgentReceivers: urgentReceivers
    urgentActionGroupIds: urgentActionGroupIds
    monthlyBudget: monthlyBudget
    budgetStartDate: budgetStartDate
  }
  dependsOn: [
    keyVault
    monitoring
    storage
  ]
}

module workbook 'modules/workbook.bicep' = {
  params: {
    displayName: 'Wallet delinks (${environmentName})'
    location: location
    tags: tags
    workspaceName: workspaceName
    sizing: sizing
  }
  dependsOn: [
    monitoring
  ]
}

@description('The name of the function app.')
output functionAppName string = appName

@description('The address for callers.')
output hostName string = functionApp.outputs.hostName

@description('The client id of the app\'s identity.')
output identityClientId string = identity.outputs.clientId

@description('The vault for the secrets.')
output vaultName string = vaultName

@description('The source address of calls to Juspay; empty unless fixedOutboundAddress is set.')
output outboundAddress string = network.?outputs.outboundAddress ?? ''

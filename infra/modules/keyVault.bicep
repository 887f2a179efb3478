// The vault that holds the Juspay keys and the signing secrets of webhooks. Their values are stored after the deployment, never by it.

import { networkMode as networkModeType, secretOfficer, tags as tagsType } from '../types.bicep'
import { keyVaultSecretsOfficer, keyVaultSecretsUser } from '../roles.bicep'

@description('The name of the vault.')
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('Whether deleted secrets, and the vault, are kept for 90 days whatever anybody wishes. Cannot be taken back.')
param enablePurgeProtection bool

@description('From where the vault can be reached.')
param networkMode networkModeType

@description('The subnet that the app calls out from; none without a network.')
param appSubnetId string?

@description('Public IPv4 ranges from which the vault can be reached although its network is closed.')
param operatorAddresses string[]

@description('The name of the app\'s identity, which reads secrets.')
param readerName string

@description('Who may store secrets.')
param secretOfficers secretOfficer[]

@description('The Log Analytics workspace that the audit log goes to.')
param workspaceName string

resource reader 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: readerName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName
}

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Key Vault takes true or nothing here, since it cannot be switched off again.
    enablePurgeProtection: enablePurgeProtection ? true : null
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: networkMode == 'privateEndpoint' && empty(operatorAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: networkMode == 'public' ? 'Allow' : 'Deny'
      ipRules: map(networkMode == 'public' ? [] : operatorAddresses, range => { value: range })
      virtualNetworkRules: networkMode == 'serviceEndpoint' ? [{ id: appSubnetId! }] : []
    }
  }
}

// At the vault, not at each secret: a role at a secret needs the secret first, so every first deployment and every new merchant would take two
// rounds. The vault holds nothing but what this app reads, so the narrower scope would take nothing away from the identity.
resource readerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, readerName, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: reader.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource officers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for officer in secretOfficers: {
    name: guid(vault.id, officer.principalId, keyVaultSecretsOfficer)
    scope: vault
    properties: {
      principalId: officer.principalId
      principalType: officer.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
    }
  }
]

// The linter knows 2016-09-01 as the newest stable version; it has no category groups and no table per category.
#disable-next-line use-recent-api-versions
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspace.id
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

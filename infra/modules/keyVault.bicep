// The vault that holds the Juspay API keys and the signing secrets of webhooks. The deployment never stores their values; they are stored afterwards.

import { networkMode as networkModeType, secretOfficer, tags as tagsType } from '../types.bicep'
import { keyVaultSecretsOfficer } from '../roles.bicep'

@description('The name of the vault.')
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('Whether deleted secrets and the deleted vault cannot be purged for 90 days. Azure does not allow this to be switched off again.')
param enablePurgeProtection bool

@description('Whether to recover a deleted vault of this name with its secrets. Azure refuses to create a new one while the deleted one is retained.')
param recover bool

@description('The networks from which the vault can be reached.')
param networkMode networkModeType

@description('The subnet of the app\'s outbound calls; not set without a network.')
param appSubnetId string?

@description('Public IPv4 ranges from which the vault can be reached even if its network is closed.')
param operatorAddresses string[]

@description('The principals that may store secrets.')
param secretOfficers secretOfficer[]

@description('The Log Analytics workspace of the audit log.')
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    createMode: recover ? 'recover' : 'default'
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Key Vault accepts only true or no value here, because purge protection cannot be switched off again.
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

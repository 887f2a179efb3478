// The vault for the Juspay keys and the webhook secrets. Their values are stored after the deployment, not by it.

import { networkMode as networkModeType, secretOfficer, tags as tagsType } from '../types.bicep'
import { keyVaultSecretsOfficer } from '../roles.bicep'

@description('The name of the vault.')
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('Whether deleted secrets, and the vault, are kept for 90 days and cannot be purged. This cannot be turned off again.')
param enablePurgeProtection bool

@description('Whether a deleted vault of this name is recovered with its secrets. Azure refuses to create a new one while the old one is kept.')
param recover bool

@description('The networks from which the vault can be reached.')
param networkMode networkModeType

@description('The subnet of the app\'s outgoing calls; none without a network.')
param appSubnetId string?

@description('Public IPv4 ranges from which the vault can be reached even if its network is closed.')
param operatorAddresses string[]

@description('The principals that may store secrets.')
param secretOfficers secretOfficer[]

@description('The Log Analytics workspace for the audit log.')
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
    // Key Vault accepts true or no value here, because it cannot be turned off again.
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

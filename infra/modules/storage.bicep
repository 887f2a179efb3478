// Storage for the Functions host: the deployed package, function keys, locks. The product itself stores only the delinks in its queues, if it has any.

import { networkMode as networkModeType, tags as tagsType } from '../types.bicep'

@description('The name of the account.')
@maxLength(24)
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The networks from which the account can be reached.')
param networkMode networkModeType

@description('The subnet of the app\'s outgoing calls; none without a network.')
param appSubnetId string?

@description('Public IPv4 ranges from which the queues can be reached even if the network of the account is closed.')
param operatorAddresses string[]

@description('The container of the deployed package.')
param packagesContainerName string

@description('The queues of webhooks; none if webhooks are answered when they are done.')
param queueNames string[]

// Without queues, operators have nothing to do in the account.
var admittedAddresses = networkMode == 'public' || empty(queueNames) ? [] : operatorAddresses

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: networkMode == 'privateEndpoint' && empty(admittedAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: networkMode == 'public' ? 'Allow' : 'Deny'
      ipRules: map(admittedAddresses, range => { value: range, action: 'Allow' })
      virtualNetworkRules: networkMode == 'serviceEndpoint' ? [{ id: appSubnetId!, action: 'Allow' }] : []
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    // For a deleted package or container. It does not restore function keys: see "Rolling back" in README.md.
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: packagesContainerName
  properties: {
    publicAccess: 'None'
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = if (!empty(queueNames)) {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for name in queueNames: {
    parent: queueService
    name: name
  }
]

// The permissions of the app's identity: three roles, each at one resource, and one at each queue. They are a separate module because their names depend on the identity's object
// id, which what-if cannot know before a first deployment. what-if predicts everything else.

import { keyVaultSecretsUser, monitoringMetricsPublisher, storageBlobDataOwner, storageQueueDataContributor } from '../roles.bicep'

@description('The name of the app\'s identity.')
param identityName string

@description('The identity\'s object id. It names the assignments: Azure refuses to give an existing assignment to another principal, so a recreated identity needs new ones.')
param principalId string

@description('The vault from which secrets are read.')
param vaultName string

@description('The storage account of the Functions host.')
param storageName string

@description('The queues of webhooks.')
param queueNames string[]

@description('The Application Insights component that receives telemetry.')
param insightsName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// The role is at the vault, not at each secret, because a role at a secret needs the secret first, so every first deployment and every new merchant would need two
// rounds. The vault contains only what this app reads, so the narrower scope would not restrict the identity further.
resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource ownsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, principalId, storageBlobDataOwner)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' existing = {
  parent: storage
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = [
  for name in queueNames: {
    parent: queueService
    name: name
  }
]

resource usesQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in queueNames: {
    name: guid(queues[index].id, principalId, storageQueueDataContributor)
    scope: queues[index]
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageQueueDataContributor)
    }
  }
]

resource sendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

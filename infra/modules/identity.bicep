// The managed identity of the app. access.bicep assigns its roles.

import { tags as tagsType } from '../types.bicep'

@description('The name of the identity.')
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output clientId string = identity.properties.clientId

output principalId string = identity.properties.principalId

// A private address in the network for one service, and the name that resolves to it there.

import { tags as tagsType } from '../types.bicep'

@description('The name of the endpoint.')
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The network in which the service\'s name resolves to the endpoint.')
param networkName string

@description('The subnet of the endpoint.')
param subnetName string

@description('The resource id of the service.')
param serviceId string

@description('The part of the service.')
param groupId 'blob' | 'queue' | 'vault'

@description('The private DNS zone of the service.')
param zoneName string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' existing = {
  name: networkName

  resource subnet 'subnets' existing = {
    name: subnetName
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: networkName
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: network::subnet.id
    }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: serviceId
          groupIds: [
            groupId
          ]
        }
      }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: groupId
          properties: {
            privateDnsZoneId: zone.id
          }
        }
      ]
    }
  }
}

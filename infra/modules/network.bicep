// The network of the app's outgoing calls, and its resources.

import { networkMode as networkModeType, tags as tagsType } from '../types.bicep'

@description('The name of the network.')
param name string

@description('The name of the subnet of the app\'s outgoing calls.')
param appSubnetName string

@description('The name of the subnet of private endpoints.')
param privateEndpointsSubnetName string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The networks from which Key Vault and the storage account can be reached.')
param networkMode networkModeType

@description('Whether calls to Juspay come from one fixed address.')
param fixedOutboundAddress bool

@description('The largest number of instances. The subnet has an address for each, and some for updates. A subnet in use cannot be resized.')
param maximumInstanceCount int

// Azure reserves five addresses of each subnet. At least a tenth more addresses than instances remain for updates.
var appSubnetBits = maximumInstanceCount <= 50
  ? 26
  : maximumInstanceCount <= 110 ? 25 : maximumInstanceCount <= 225 ? 24 : maximumInstanceCount <= 455 ? 23 : 21
var appSubnetPrefix = '10.71.0.0/${appSubnetBits}'
var privateEndpointsSubnetPrefix = '10.71.8.0/28'

resource publicAddress 'Microsoft.Network/publicIPAddresses@2025-01-01' = if (fixedOutboundAddress) {
  name: 'pip-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Regional'
  }
  properties: {
    publicIPAddressVersion: 'IPv4'
    publicIPAllocationMethod: 'Static'
  }
}

resource nat 'Microsoft.Network/natGateways@2025-05-01' = if (fixedOutboundAddress) {
  name: 'ng-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    // Longer than the longest time that a caller waits.
    idleTimeoutInMinutes: 4
    publicIpAddresses: [
      {
        id: publicAddress.id
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        '10.71.0.0/20'
      ]
    }
    subnets: [
      {
        name: appSubnetName
        properties: {
          addressPrefix: appSubnetPrefix
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
          natGateway: fixedOutboundAddress ? { id: nat.id } : null
          serviceEndpoints: networkMode == 'serviceEndpoint'
            ? [
                {
                  service: 'Microsoft.KeyVault'
                }
                {
                  service: 'Microsoft.Storage'
                }
              ]
            : []
        }
      }
      {
        name: privateEndpointsSubnetName
        properties: {
          addressPrefix: privateEndpointsSubnetPrefix
          defaultOutboundAccess: false
        }
      }
    ]
  }
}

output outboundAddress string = fixedOutboundAddress ? publicAddress!.properties.ipAddress : ''

targetScope = 'subscription'

metadata name = 'WalletFunctions for azd'
metadata description = 'The template of azd up: a resource group with an environment for trying the app out. azd asks for the parameters that have no value.'

@description('The name of azd\'s environment. The resource group is named after it.')
@minLength(1)
@maxLength(64)
param azdEnvironmentName string

@description('The region. Flex Consumption is available in these: az functionapp list-flexconsumption-locations.')
@allowed([
  'australiaeast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'westeurope'
  'westus2'
  'westus3'
])
@metadata({
  azd: {
    type: 'location'
    default: 'centralindia'
  }
})
param location string

@description('The e-mail address that alerts are sent to.')
@minLength(3)
param alertEmail string

@description('The object id of the person or service that runs azd and may then store the key.')
@minLength(36)
@maxLength(36)
param principalId string

@description('The kind of principal that the id belongs to.')
@allowed(['User', 'ServicePrincipal'])
param principalType string = 'User'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${azdEnvironmentName}'
  location: location
  tags: {
    'azd-env-name': azdEnvironmentName
  }
}

// As dev.bicepparam, with the values that azd asks for, and without a budget, because not every subscription supports one.
module main 'main.bicep' = {
  scope: group
  params: {
    environmentName: 'dev'
    location: location
    sizing: 'cheapest'
    networkMode: 'public'
    juspay: {
      baseUrl: 'https://sandbox.juspay.in'
    }
    secretOfficers: [
      {
        principalId: principalId
        principalType: principalType
      }
    ]
    alertReceivers: [
      {
        kind: 'email'
        name: 'on-call'
        emailAddress: alertEmail
      }
    ]
    auditRetentionDays: 90
    dailyLogCap: '0.1'
  }
}

// azd stores these in its environment, where its hooks and its deployment of the app read them.

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output AZURE_FUNCTION_APP_NAME string = main.outputs.functionAppName

@description('The vault for the key.')
output AZURE_KEY_VAULT_NAME string = main.outputs.vaultName

@description('The address for callers.')
output WALLETFUNCTIONS_BASE_URL string = 'https://${main.outputs.hostName}'

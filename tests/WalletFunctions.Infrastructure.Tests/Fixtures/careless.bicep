// What the linter must refuse: a secret in an output, a cloud's URL, an unused parameter, an unknown property, a literal location.

param unused string
param adminPassword string

resource account 'Microsoft.Storage/storageAccounts@2019-04-01' = {
  name: 'careless'
  location: 'westus'
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowSharedKeyAcces: false
  }
}

output endpoint string = 'https://careless.blob.core.windows.net'
output key string = account.listKeys().keys[0].value
output password string = adminPassword

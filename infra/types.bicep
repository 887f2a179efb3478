// The vocabulary of the parameters. main.bicep says what each is for.

@export()
@description('dev: the vault may be purged, so that everything can be made anew. test and prod keep what they held.')
type environmentName = 'dev' | 'test' | 'prod'

@export()
@description('What an instance has. The monthly prices are computed in README.md.')
type sizing = 'cheapest' | 'fastest' | 'alwaysWarm'

@export()
@description('From where Key Vault and the storage account can be reached.')
type networkMode = 'public' | 'serviceEndpoint' | 'privateEndpoint'

@export()
@discriminator('mode')
@description('What a caller has to show.')
type callerAuthentication = functionKeys | functionKeysAndEntra

@description('A function key per caller.')
type functionKeys = {
  mode: 'functionKeys'
}

@description('A function key per caller, and on top of it an access token of an application that is registered in Entra and named here.')
type functionKeysAndEntra = {
  mode: 'functionKeysAndEntra'

  @description('The application (client) id under which this app is registered in Entra.')
  clientId: string

  @description('The audiences that a token may be for: the client id in tokens of version 2, api://{client id} in those of version 1.')
  @minLength(1)
  allowedAudiences: string[]

  @description('The client ids of the applications that may call. An empty list would admit every application of the tenant.')
  @minLength(1)
  allowedApplications: string[]
}

@export()
@description('Juspay:* of the settings table in the README. What is not set keeps the default there. Durations are hh:mm:ss.')
type juspaySettings = {
  @description('Where Juspay is, for example https://sandbox.juspay.in.')
  baseUrl: string

  @description('Sent as x-merchantid; case sensitive.')
  merchantId: string?

  @description('How long one request to Juspay may take.')
  attemptTimeout: string?

  @description('How long a caller waits at the most.')
  totalTimeout: string?

  @description('The same for a customer with all their wallets.')
  customerTimeout: string?

  @description('How often a delink is sent at the most.')
  @minValue(1)
  @maxValue(10)
  maxAttempts: int?
}

@export()
@description('KeyVault:* of the settings table in the README, without the address of the vault, which this deployment makes.')
type keyVaultSettings = {
  @description('The secret that holds the Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that webhooks are signed with.')
  webhookSecretName: string?

  @description('How often the secrets are read again, hh:mm:ss.')
  refreshInterval: string?
}

@export()
@description('What a merchant has of its own. The rest is the top level\'s.')
type merchant = {
  @description('The name that its function keys bear. On Linux the name of an app setting holds no hyphen, so letters, digits and underscores only.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('Its x-merchantid at Juspay.')
  merchantId: string?

  @description('Where its Juspay is.')
  baseUrl: string?

  @description('The secret that holds its Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that its webhooks are signed with.')
  webhookSecretName: string?
}

@export()
@description('Further webhook event types, and whether each asks for a wallet or for a whole customer. No hyphens: the names become app settings on Linux.')
type webhookEventTypes = {
  *: 'wallet' | 'customer'
}

@export()
@description('Who may read and write secrets in the vault.')
type secretOfficer = {
  @description('The object id in Entra.')
  principalId: string

  @description('What it is the id of.')
  principalType: 'Group' | 'ServicePrincipal' | 'User'
}

@export()
@description('Who is told.')
type alertReceiver = {
  @description('A short name, unique in the list.')
  name: string

  @description('The e-mail address.')
  emailAddress: string
}

@export()
@description('Gigabytes a day. Bicep has no fractions, so these are texts.')
type dailyLogCap = '0.1' | '0.25' | '0.5' | '1' | '2' | '5' | '10'

@export()
@description('Tags on every resource.')
type tags = {
  *: string
}

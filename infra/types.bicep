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

  @description('The application (client) id under which this app is registered in Entra. Tokens are accepted for this id and for api:// with this id.')
  clientId: entraId

  @description('The client ids of the applications that may call. An empty list would admit every application of the tenant.')
  @minLength(1)
  allowedApplications: entraId[]
}

@description('A GUID. The length is checked because a variable that is not set becomes an empty text.')
@minLength(36)
@maxLength(36)
type entraId = string

@export()
@description('Juspay:* of settings.md. What is not set keeps the default there. Durations are hh:mm:ss.')
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
@description('KeyVault:* of settings.md, without the address of the vault, which this deployment makes.')
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
  principalId: entraId

  @description('What it is the id of.')
  principalType: 'Group' | 'ServicePrincipal' | 'User'
}

@export()
@discriminator('kind')
@description('A receiver of alerts.')
type alertReceiver = emailReceiver | smsReceiver | webhookReceiver

@description('By e-mail.')
type emailReceiver = {
  kind: 'email'

  @description('A short name, unique in the list.')
  name: string

  @description('The e-mail address.')
  @minLength(3)
  emailAddress: string
}

@description('By text message.')
type smsReceiver = {
  kind: 'sms'

  @description('A short name, unique in the list.')
  name: string

  @description('Digits of the country code, for example 91.')
  countryCode: string

  @description('The number without the country code.')
  phoneNumber: string
}

@description('''By an HTTPS POST in the common alert schema. The address is stored in clear text: if it contains a secret, as those of Teams and Slack do, make an
action group by hand and pass its id in urgentActionGroupIds.''')
type webhookReceiver = {
  kind: 'webhook'

  @description('A short name, unique in the list.')
  name: string

  @description('Where the alert is sent.')
  @minLength(10)
  serviceUri: string
}

@export()
@description('Days that Azure accepts for the total retention of a table. The upper values are years.')
type auditRetentionDays = 90 | 180 | 365 | 550 | 730 | 1095 | 1460 | 1826 | 2191

@export()
@description('Gigabytes a day. Bicep has no fractions, so these are texts.')
type dailyLogCap = '0.1' | '0.25' | '0.5' | '1' | '2' | '5' | '10'

@export()
@description('Tags on every resource.')
type tags = {
  *: string
}

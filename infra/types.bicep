// The types of the parameters. main.bicep describes the parameters.

@export()
@description('dev: the vault can be purged, so that the environment can be recreated. In test and prod the vault has purge protection.')
type environmentName = 'dev' | 'test' | 'prod'

@export()
@description('The sizing of an instance. README.md lists the monthly cost.')
type sizing = 'cheapest' | 'fastest' | 'alwaysWarm'

@export()
@description('The networks from which Key Vault and the storage account can be reached.')
type networkMode = 'public' | 'serviceEndpoint' | 'privateEndpoint'

@export()
@discriminator('mode')
@description('The credentials that a caller must send.')
type callerAuthentication = functionKeys | functionKeysAndEntra

@description('A function key per caller.')
type functionKeys = {
  mode: 'functionKeys'
}

@description('A function key per caller, and an access token of an application that is registered in Entra and listed here.')
type functionKeysAndEntra = {
  mode: 'functionKeysAndEntra'

  @description('The application (client) id under which this app is registered in Entra. Tokens are accepted for this id and for api:// with this id.')
  clientId: entraId

  @description('The client ids of the applications that may call. An empty list would allow every application of the tenant.')
  @minLength(1)
  allowedApplications: entraId[]
}

@description('A GUID. The length is checked because an unset variable becomes an empty string.')
@minLength(36)
@maxLength(36)
type entraId = string

@export()
@description('The Juspay:* settings of the table in the README. Settings that are omitted keep the default given there. Durations are hh:mm:ss.')
type juspaySettings = {
  @description('The base URL of Juspay, for example https://sandbox.juspay.in.')
  baseUrl: string

  @description('Sent as x-merchantid; case sensitive.')
  merchantId: string?

  @description('The timeout of one request to Juspay.')
  attemptTimeout: string?

  @description('The maximum time that a caller waits for an answer.')
  totalTimeout: string?

  @description('The same for a delink of all wallets of a customer.')
  customerTimeout: string?

  @description('The maximum number of times that a delink is sent.')
  @minValue(1)
  @maxValue(10)
  maxAttempts: int?
}

@export()
@description('The KeyVault:* settings of the table in the README, except the address of the vault, which the deployment sets.')
type keyVaultSettings = {
  @description('The secret that holds the Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that signs webhooks.')
  webhookSecretName: string?

  @description('The interval at which secrets are read again, hh:mm:ss.')
  refreshInterval: string?
}

@export()
@description('The settings of one merchant. Those that are omitted are taken from the top level.')
type merchant = {
  @description('The merchant\'s name, also the start of the names of its function keys. Letters, digits and underscores only: on Linux, names of app settings contain no hyphens.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('The merchant\'s x-merchantid at Juspay.')
  merchantId: string?

  @description('The base URL of Juspay for the merchant.')
  baseUrl: string?

  @description('The secret that holds the merchant\'s Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that signs the merchant\'s webhooks.')
  webhookSecretName: string?
}

@export()
@description('Additional webhook event types, and whether each delinks one wallet or all wallets of a customer. No hyphens, because the names become app settings on Linux.')
type webhookEventTypes = {
  *: 'wallet' | 'customer'
}

@export()
@description('A principal that may read and write secrets in the vault.')
type secretOfficer = {
  @description('The object id in Entra.')
  principalId: entraId

  @description('The type of the principal.')
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

@description('''By an HTTPS POST in the common alert schema. The address is stored in clear text. If it contains a secret, as with Teams and Slack, create an action
group by hand and pass its id in urgentActionGroupIds.''')
type webhookReceiver = {
  kind: 'webhook'

  @description('A short name, unique in the list.')
  name: string

  @description('The URL that the alert is sent to.')
  @minLength(10)
  serviceUri: string
}

@export()
@description('Numbers of days that Azure accepts for the total retention of a table. Above 730 they are whole years.')
type auditRetentionDays = 90 | 180 | 365 | 550 | 730 | 1095 | 1460 | 1826 | 2191

@export()
@description('Gigabytes per day. The values are strings, because Bicep has no fractional numbers.')
type dailyLogCap = '0.1' | '0.25' | '0.5' | '1' | '2' | '5' | '10'

@export()
@description('Tags on every resource.')
type tags = {
  *: string
}

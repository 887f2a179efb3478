// The types of the parameters. main.bicep describes each parameter.

@export()
@description('dev: the vault may be purged, so that everything can be created again. test and prod keep their secrets.')
type environmentName = 'dev' | 'test' | 'prod'

@export()
@description('The size of an instance. README.md computes the monthly prices.')
type sizing = 'cheapest' | 'fastest' | 'alwaysWarm'

@export()
@description('The networks from which Key Vault and the storage account can be reached.')
type networkMode = 'public' | 'serviceEndpoint' | 'privateEndpoint'

@export()
@discriminator('mode')
@description('The credentials of a caller.')
type callerAuthentication = functionKeys | functionKeysAndEntra

@description('A function key per caller.')
type functionKeys = {
  mode: 'functionKeys'
}

@description('A function key per caller, and also an access token of an application that is registered in Entra and named here.')
type functionKeysAndEntra = {
  mode: 'functionKeysAndEntra'

  @description('The application (client) id under which this app is registered in Entra. Tokens are accepted for this id and for api:// with this id.')
  clientId: entraId

  @description('The client ids of the applications that may call. An empty list would allow every application of the tenant.')
  @minLength(1)
  allowedApplications: entraId[]
}

@description('A GUID. The length is checked because an unset variable is an empty text.')
@minLength(36)
@maxLength(36)
type entraId = string

@export()
@description('Juspay:* of settings.md, with the defaults there. Durations are hh:mm:ss.')
type juspaySettings = {
  @description('Juspay\'s address, for example https://sandbox.juspay.in.')
  baseUrl: string

  @description('Sent as x-merchantid; case sensitive.')
  merchantId: string?

  @description('The limit of one request to Juspay.')
  attemptTimeout: string?

  @description('The limit of one wallet\'s delink.')
  totalTimeout: string?

  @description('The limit of a customer\'s delink.')
  customerTimeout: string?

  @description('The largest number of attempts of a delink.')
  @minValue(1)
  @maxValue(10)
  maxAttempts: int?
}

@export()
@description('KeyVault:* of settings.md, without the address of the vault, which this deployment creates.')
type keyVaultSettings = {
  @description('The secret with the Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that signs webhooks.')
  webhookSecretName: string?

  @description('The interval at which secrets are read again, hh:mm:ss, at most 01:00:00.')
  refreshInterval: string?
}

@export()
@description('The settings of a merchant. The others are those of the top level.')
type merchant = {
  @description('The name of its function keys. On Linux the name of an app setting cannot contain a hyphen, so only letters, digits and underscores.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('The merchant\'s x-merchantid at Juspay.')
  merchantId: string?

  @description('Its Juspay address.')
  baseUrl: string?

  @description('The secret with its Juspay API key.')
  apiKeySecretName: string?

  @description('The secret that signs its webhooks.')
  webhookSecretName: string?
}

@export()
@description('The types of events in this service\'s own format that delink something, in addition to the built-in ones.')
type webhookEvents = {
  @description('The types that delink all wallets of a customer.')
  customer: string[]?

  @description('The types that delink one wallet.')
  wallet: string[]?
}

@export()
@description('direct: a webhook is answered when its delink is done. queue: it is answered when it is in a queue, and done afterwards.')
type webhookIntake = 'direct' | 'queue'

@export()
@description('A sender of webhooks that signs in its own way. The settings are those of settings.md; those that are missing are the preset\'s.')
type webhookSender = {
  @description('The name in the path of its route. On Linux the name of an app setting cannot contain a hyphen, so only letters, digits and underscores.')
  @minLength(1)
  @maxLength(64)
  name: string

  @description('How the sender signs, and where its events have what a delink needs.')
  preset:
    | 'standard-webhooks'
    | 'svix'
    | 'shopify'
    | 'woocommerce'
    | 'github'
    | 'stripe'
    | 'hubspot'
    | 'zoho-payments'
    | 'okta'
    | 'auth0'
    | 'event-grid'
    | 'token'

  @description('The secret that signs its deliveries. By default the name with -webhook-secret, underscores replaced by hyphens.')
  secretName: string?

  @description('The merchant that its events are for.')
  merchant: string?

  @description('The types of events that delink all wallets of a customer.')
  customerEvents: string[]?

  @description('The types of events that delink one wallet.')
  walletEvents: string[]?

  @description('The place of the event type.')
  eventType: string?

  @description('The place of the customer id.')
  customerId: string?

  @description('The place of the wallet id.')
  walletId: string?

  @description('The place of the array of events.')
  items: string?

  @description('The place of the event\'s time in the signed body. It needs maxAge.')
  eventTime: string?

  @description('The age at which an event is refused, for example 1.00:00:00.')
  maxAge: string?

  @description('The text that makes the sender\'s customer id Juspay\'s, with {id} in it.')
  customerIdFormat: string?

  @description('The URL that the sender was given, if the sender signs it.')
  publicUrl: string?

  @description('The status of the answer to success.')
  successStatus: (200 | 202 | 204)?

  @description('The settings of the signature that differ from the preset\'s, by their names in settings.md.')
  signature: {
    SignatureHeader: string?
    SignaturePrefix: string?
    Encoding: ('hex' | 'base64')?
    SecretEncoding: ('utf8' | 'base64' | 'hex' | 'whsec')?
    SignedContent: string?
    TimestampHeader: string?
    TimestampUnit: ('seconds' | 'milliseconds')?
    Tolerance: string?
    IdHeader: string?
  }?
}

@export()
@description('A principal that may read and write secrets in the vault.')
type secretOfficer = {
  @description('The object id in Entra.')
  principalId: entraId

  @description('The kind of principal that the id belongs to.')
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

  @description('The address that receives the alert.')
  @minLength(10)
  serviceUri: string
}

@export()
@description('Total retentions of a table that Azure accepts, in days. The upper values are years.')
type auditRetentionDays = 90 | 180 | 365 | 550 | 730 | 1095 | 1460 | 1826 | 2191

@export()
@description('Gigabytes a day, as text, because Bicep has no fractions.')
type dailyLogCap = '0.1' | '0.25' | '0.5' | '1' | '2' | '5' | '10'

@export()
@description('Tags on every resource.')
type tags = {
  *: string
}

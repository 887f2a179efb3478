using 'main.bicep'

// Like prod, but with Juspay's sandbox and without an instance that is always ready. Two merchants, a custom webhook event and a shop's webhooks, which a queue keeps, are examples.

param environmentName = 'test'
param sizing = 'fastest'
param networkMode = 'serviceEndpoint'

param callerAuthentication = {
  mode: 'functionKeysAndEntra'
  clientId: readEnvironmentVariable('ENTRA_CLIENT_ID')
  allowedApplications: split(readEnvironmentVariable('ENTRA_CALLER_IDS'), ',')
}

param juspay = {
  baseUrl: 'https://sandbox.juspay.in'
}

param merchants = [
  {
    name: 'shop_a'
    merchantId: 'ShopA'
    apiKeySecretName: 'shop-a-juspay-api-key'
    webhookSecretName: 'shop-a-webhook-secret'
  }
  {
    name: 'shop_b'
    merchantId: 'ShopB'
    apiKeySecretName: 'shop-b-juspay-api-key'
  }
]
param requireMerchant = true

param webhookEvents = {
  customer: ['account.deleted']
}

param webhookIntake = 'queue'

param webhookSenders = [
  {
    name: 'shop_a_store'
    preset: 'shopify'
    merchant: 'shop_a'
    customerIdFormat: 'shop-{id}'
  }
]

param secretOfficers = [
  {
    principalId: readEnvironmentVariable('SECRET_OFFICERS_GROUP_ID')
    principalType: 'Group'
  }
]

param alertReceivers = [
  {
    kind: 'email'
    name: 'on-call'
    emailAddress: readEnvironmentVariable('ALERT_EMAIL')
  }
]

param auditRetentionDays = 180
param dailyLogCap = '0.25'
param monthlyBudget = 30

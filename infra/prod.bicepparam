using 'main.bicep'

// One instance is always warm, the vault can be reached from the app's subnet only, and callers send a token in addition to their key.

param environmentName = 'prod'
param sizing = 'alwaysWarm'
param networkMode = 'serviceEndpoint'

param callerAuthentication = {
  mode: 'functionKeysAndEntra'
  clientId: readEnvironmentVariable('ENTRA_CLIENT_ID')
  allowedApplications: split(readEnvironmentVariable('ENTRA_CALLER_IDS'), ',')
}

param juspay = {
  baseUrl: 'https://api.juspay.in'
  merchantId: readEnvironmentVariable('JUSPAY_MERCHANT_ID')
}

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

param auditRetentionDays = 1095
param dailyLogCap = '1'
param monthlyBudget = 60

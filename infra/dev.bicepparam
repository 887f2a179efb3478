using 'main.bicep'

// For experiments: every part that can be free is free, and the vault can be purged so that its name can be reused.

param environmentName = 'dev'
param sizing = 'cheapest'
param networkMode = 'public'

param juspay = {
  baseUrl: 'https://sandbox.juspay.in'
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

param auditRetentionDays = 90
param dailyLogCap = '0.1'
param monthlyBudget = 20

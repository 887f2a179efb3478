using 'main.bicep'

// For trying the app out: uses free options where they exist, and allows the vault to be purged so that its name can be used again.

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

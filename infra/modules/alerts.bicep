// The alerts and their receivers. operating.md says what each alert means and what to do.

import { alertReceiver, tags as tagsType } from '../types.bicep'
import {
  delinkAudit
  eventGivenUp
  failedInvocations
  failureRate
  hostError
  internalError
  logCapReached
  queueNotRead
  refusedWebhooks
  secretMissed
  secretReads
  secretUnusable
  silentApp
} from '../queries.bicep'

@description('The suffix of the resource names.')
param nameSuffix string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace with the log.')
param workspaceName string

@description('The monitored vault.')
param vaultName string

@description('The name of the app\'s identity, as it appears in the vault\'s audit log.')
param identityName string

@description('The storage account, whose creation time determines the start of the budget.')
param storageName string

@description('The secrets that sign webhooks. A request without a key makes the app read them, so a failed read is not severity 1.')
param signingSecretNames string[]

@description('Whether webhooks are answered when they are in a queue.')
param hasIntake bool

@description('Whether an instance is always running, so that missing telemetry means a failure.')
param isAlwaysRunning bool

@description('The receivers of all alerts.')
param receivers alertReceiver[]

@description('Further receivers of severity 1.')
param urgentReceivers alertReceiver[]

@description('Ids of other action groups that also receive severity 1.')
param urgentActionGroupIds string[]

@description('The monthly budget of the resource group, in the currency of the subscription. If it is not set, no budget is created.')
param monthlyBudget int?

@description('The first day of the budget\'s first month, yyyy-MM-01. The default is the month in which the storage account was created.')
param budgetStartDate string?

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

type logAlert = {
  @description('The failure.')
  title: string

  @description('1 requires action now, 2 today.')
  severity: 1 | 2

  @description('Rows that must not exist or, if missing telemetry is the failure, rows that must exist.')
  query: string

  @description('The number of rows that fires. The default is GreaterThan 0.')
  fires: { operator: 'GreaterThan' | 'LessThan', threshold: int }?

  @description('The interval of evaluation. 5 minutes costs three times as much as 15.')
  every: 'PT5M' | 'PT15M'

  @description('The evaluated period, if it is not two or three times the interval. Records arrive some minutes late.')
  over: 'PT3H'?
}

var signingSecrets = '("${join(signingSecretNames, '", "')}")'

var logAlerts {
  *: logAlert
} = union(
  {
    'juspay-refuses-key': {
      title: 'Juspay refuses the API key, even after it was read again from Key Vault'
      severity: 1
      query: '${delinkAudit}| where Outcome == "juspay_unauthenticated"'
      every: 'PT5M'
    }
    'secret-unavailable': {
      title: 'A secret that delinks need cannot be read from Key Vault, or cannot be used'
      severity: 1
      query: 'union (${secretUnusable} and Secret !in ${signingSecrets}), (${secretMissed})'
      every: 'PT5M'
    }
    'signing-secret-unavailable': {
      title: 'A secret that signs webhooks cannot be read from Key Vault, or cannot be used'
      severity: 2
      query: '${secretUnusable} and Secret in ${signingSecrets}'
      every: 'PT15M'
    }
    'failure-rate': {
      title: 'More than a tenth of the delinks fail, and at least five'
      severity: 2
      query: failureRate
      every: 'PT15M'
    }
    'no-answer-in-time': {
      title: 'Juspay did not answer in time, at least five times'
      severity: 2
      query: '${delinkAudit}| where Outcome == "juspay_timeout"'
      fires: { operator: 'GreaterThan', threshold: 4 }
      every: 'PT15M'
    }
    'internal-error': {
      title: 'The app failed with an unexpected exception, which is a bug'
      severity: 2
      query: 'union (${internalError}), (${delinkAudit}| where Outcome == "internal_error")'
      every: 'PT15M'
    }
    'host-error': {
      title: 'The Functions host reports an error; the app may not have started'
      severity: 1
      query: hostError
      every: 'PT15M'
    }
    'failed-invocations': {
      title: 'More than 30 invocations failed in a minute, outside the app\'s own code'
      severity: 2
      query: failedInvocations
      every: 'PT15M'
    }
    'refused-webhooks': {
      title: 'More than 100 webhooks were refused in a minute'
      severity: 2
      query: refusedWebhooks
      every: 'PT15M'
    }
    'telemetry-stopped': {
      title: 'The app reads secrets, but its telemetry does not arrive'
      severity: 2
      query: silentApp(identityName)
      fires: { operator: 'GreaterThan', threshold: 2 }
      every: 'PT15M'
      over: 'PT3H'
    }
    'log-cap-reached': {
      title: 'The daily log cap is reached: no audit record is stored until tomorrow'
      severity: 1
      query: logCapReached
      every: 'PT15M'
    }
  },
  hasIntake
    ? {
        'event-given-up': {
          title: 'An accepted webhook was not done, and is not tried again'
          severity: 2
          query: eventGivenUp
          every: 'PT15M'
        }
        'queue-not-read': {
          title: 'Webhooks are accepted, but nothing takes them out of the queue'
          severity: 1
          query: queueNotRead
          every: 'PT15M'
          over: 'PT3H'
        }
      }
    : {},
  isAlwaysRunning
    ? {
        'nothing-heard': {
          title: 'An instance should be running, but no telemetry from it has arrived'
          severity: 1
          query: secretReads
          fires: { operator: 'LessThan', threshold: 1 }
          every: 'PT15M'
          over: 'PT3H'
        }
      }
    : {}
)

type actionGroupProperties = resourceInput<'Microsoft.Insights/actionGroups@2023-01-01'>.properties

func actionGroup(receivers alertReceiver[], shortName string) actionGroupProperties => {
  enabled: true
  groupShortName: shortName
  emailReceivers: map(filter(receivers, receiver => receiver.kind == 'email'), receiver => {
    name: receiver.name
    emailAddress: receiver.?emailAddress
    useCommonAlertSchema: true
  })
  smsReceivers: map(filter(receivers, receiver => receiver.kind == 'sms'), receiver => {
    name: receiver.name
    countryCode: receiver.?countryCode
    phoneNumber: receiver.?phoneNumber
  })
  webhookReceivers: map(filter(receivers, receiver => receiver.kind == 'webhook'), receiver => {
    name: receiver.name
    serviceUri: receiver.?serviceUri
    useCommonAlertSchema: true
  })
}

resource everybody 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${nameSuffix}'
  location: 'Global'
  tags: tags
  properties: actionGroup(receivers, 'delink')
}

resource urgent 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(urgentReceivers)) {
  name: 'ag-urgent-${nameSuffix}'
  location: 'Global'
  tags: tags
  properties: actionGroup(urgentReceivers, 'delink-now')
}

var toldOfSeverity = {
  '1': concat([everybody.id], empty(urgentReceivers) ? [] : [urgent.id], urgentActionGroupIds)
  '2': [everybody.id]
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in items(logAlerts): {
    name: '${alert.key}-${nameSuffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.value.title
      severity: alert.value.severity
      enabled: true
      scopes: [
        workspace.id
      ]
      evaluationFrequency: alert.value.every
      windowSize: alert.value.?over ?? (alert.value.every == 'PT5M' ? 'PT15M' : 'PT30M')
      // An alert that is still active does not notify again.
      autoMitigate: true
      // The tables of a new workspace exist only after their first row.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.value.query
            timeAggregation: 'Count'
            operator: alert.value.?fires.?operator ?? 'GreaterThan'
            threshold: alert.value.?fires.?threshold ?? 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: toldOfSeverity[string(alert.value.severity)]
      }
    }
  }
]

// Key Vault answers every first request with a 401, which is not a denial, so only 403 counts.
resource denied 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'key-vault-denied-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Key Vault denied a request for a secret'
    severity: 1
    enabled: true
    scopes: [
      vault.id
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'denied'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          metricName: 'ServiceApiResult'
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: [
                '403'
              ]
            }
          ]
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: map(toldOfSeverity['1'], id => { actionGroupId: id })
  }
}

resource vaultEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${nameSuffix}'
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

// Only for secrets with an expiry date that were stored after these subscriptions were created. Near means 30 days before.
resource expiry 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [
  for event in [
    { name: 'secret-near-expiry', type: 'SecretNearExpiry', description: 'A secret expires within 30 days' }
    { name: 'secret-expired', type: 'SecretExpired', description: 'A secret has expired' }
  ]: {
    parent: vaultEvents
    name: event.name
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.${event.type}'
        ]
      }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          description: event.description
          severity: 'Sev2'
          actionGroups: toldOfSeverity['2']
        }
      }
    }
  }
]

// The start of a new budget must be in the current month, and it cannot be changed later. The month in which the storage account was created meets both
// rules: it is the current month in the first deployment, and the same month in all later ones.
resource budget 'Microsoft.Consumption/budgets@2024-08-01' = if (monthlyBudget != null) {
  name: 'budget-${nameSuffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget!
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: budgetStartDate ?? dateTimeAdd(storage.properties.creationTime, 'PT0S', 'yyyy-MM-01')
    }
    notifications: {
      spent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: []
        contactGroups: [
          everybody.id
        ]
      }
      foreseen: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: []
        contactGroups: [
          everybody.id
        ]
      }
    }
  }
}

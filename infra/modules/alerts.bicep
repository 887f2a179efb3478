// Who is told when. What each alert means and what to do is in README.md.

import { alertReceiver, tags as tagsType } from '../types.bicep'
import { delinkAudit, hostError, internalError, logCapReached, secretExpired, secretUnavailable } from '../queries.bicep'

@description('What the names of the resources end in.')
param nameSuffix string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace that the log is in.')
param workspaceName string

@description('The vault that is watched.')
param vaultName string

@description('Who is told.')
param receivers alertReceiver[]

@description('What the resource group may cost a month, in the currency of the subscription.')
param monthlyBudget int

@description('The first month of the budget.')
param budgetStartDate string

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName
}

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' existing = {
  name: vaultName
}

type logAlert = {
  @description('What is wrong.')
  title: string

  @description('1 is to be mended now, 2 today.')
  severity: 1 | 2

  @description('Rows that should not be.')
  query: string

  @description('More rows than this.')
  threshold: int

  @description('How often is looked. Every 5 minutes costs three times as much as every 15.')
  every: 'PT5M' | 'PT15M'
}

var logAlerts {
  *: logAlert
} = {
  'juspay-refuses-key': {
    title: 'Juspay refuses our API key, also after it was read again'
    severity: 1
    query: '${delinkAudit}| where Outcome == "juspay_unauthenticated"'
    threshold: 0
    every: 'PT5M'
  }
  'secret-unavailable': {
    title: 'A secret cannot be read from Key Vault, or cannot be used'
    severity: 1
    query: secretUnavailable
    threshold: 0
    every: 'PT5M'
  }
  'failure-rate': {
    title: 'More than a tenth of the delinks fail, and at least five'
    severity: 2
    query: '${delinkAudit}| summarize Failed = countif(Status >= 500), All = count() | where Failed >= 5 and Failed * 10 > All'
    threshold: 0
    every: 'PT15M'
  }
  'no-answer-in-time': {
    title: 'Juspay gives no answer in time, five times or more'
    severity: 2
    query: '${delinkAudit}| where Outcome == "juspay_timeout"'
    threshold: 4
    every: 'PT15M'
  }
  'internal-error': {
    title: 'The app has a bug'
    severity: 2
    query: internalError
    threshold: 0
    every: 'PT15M'
  }
  'host-error': {
    title: 'The Functions host reports an error; perhaps the app does not start'
    severity: 1
    query: hostError
    threshold: 0
    every: 'PT15M'
  }
  'secret-expired': {
    title: 'A secret is used past its date of expiry'
    severity: 2
    query: secretExpired
    threshold: 0
    every: 'PT15M'
  }
  'log-cap-reached': {
    title: 'The daily log cap is reached: no audit record is kept until tomorrow'
    severity: 1
    query: logCapReached
    threshold: 0
    every: 'PT15M'
  }
}

resource receiversGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${nameSuffix}'
  location: 'Global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'delink'
    emailReceivers: map(receivers, receiver => {
      name: receiver.name
      emailAddress: receiver.emailAddress
      useCommonAlertSchema: true
    })
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
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
      // Farther back than the last look, since records arrive minutes late. An alert that is still on is not told again.
      windowSize: alert.value.every == 'PT5M' ? 'PT15M' : 'PT30M'
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.value.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: alert.value.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          receiversGroup.id
        ]
      }
    }
  }
]

// The 401 with which Key Vault opens every conversation is no denial, so 403 alone counts.
resource denied 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'key-vault-denied-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Key Vault denies somebody a secret'
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
    actions: [
      {
        actionGroupId: receiversGroup.id
      }
    ]
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

  // 30 days ahead, and only for secrets that have a date of expiry and were stored after this subscription was made.
  resource nearExpiry 'eventSubscriptions' = {
    name: 'secret-near-expiry'
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.SecretNearExpiry'
        ]
      }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          description: 'A secret expires within 30 days'
          severity: 'Sev2'
          actionGroups: [
            receiversGroup.id
          ]
        }
      }
    }
  }
}

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: 'budget-${nameSuffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: budgetStartDate
    }
    notifications: {
      spent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: []
        contactGroups: [
          receiversGroup.id
        ]
      }
      foreseen: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: []
        contactGroups: [
          receiversGroup.id
        ]
      }
    }
  }
}

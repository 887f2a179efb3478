// The destination of the app's log, the stored rows, the daily limit and the retention.

import { auditRetentionDays as auditRetentionDaysType, dailyLogCap as dailyLogCapType, tags as tagsType } from '../types.bicep'
import { transformations } from '../queries.bicep'

@description('The name of the Log Analytics workspace.')
param workspaceName string

@description('The name of the data collection rule.')
param transformationsName string

@description('The name of the Application Insights component.')
param insightsName string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The daily limit.')
param dailyLogCap dailyLogCapType

@description('Number of days for which all tables can be searched.')
param logRetentionDays int

@description('Number of days for which the audit records of the app and of Key Vault are kept.')
param auditRetentionDays auditRetentionDaysType

// Audit records are searchable for their whole retention, up to the 730 days that Azure permits. Older ones need a search job.
var keptDays = max(auditRetentionDays, logRetentionDays)
var searchableDays = min(keptDays, 730)

module bare 'workspace.bicep' = {
  params: {
    name: workspaceName
    location: location
    tags: tags
    dailyLogCap: dailyLogCap
    logRetentionDays: logRetentionDays
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: transformationsName
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    dataSources: {}
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspace.id
        }
      ]
    }
    dataFlows: map(items(transformations), table => {
      streams: [
        'Microsoft-Table-${table.key}'
      ]
      destinations: [
        'workspace'
      ]
      transformKql: table.value
    })
  }
  dependsOn: [
    bare
  ]
}

module transforming 'workspace.bicep' = {
  params: {
    name: workspaceName
    location: location
    tags: tags
    dailyLogCap: dailyLogCap
    logRetentionDays: logRetentionDays
    transformationsId: rule.id
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
  dependsOn: [
    transforming
  ]
}

// The app's audit records are in AppTraces, Key Vault's in AZKVAuditLogs. Deployed after the component, because that creates the App tables in
// a new workspace.
resource auditTables 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = [
  for table in ['AppTraces', 'AZKVAuditLogs']: {
    parent: workspace
    name: table
    properties: {
      plan: 'Analytics'
      retentionInDays: searchableDays
      totalRetentionInDays: keptDays
    }
    dependsOn: [
      insights
    ]
  }
]

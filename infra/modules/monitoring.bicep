// Where the app's log goes, how much of it is taken and how long it is kept.

import { dailyLogCap as dailyLogCapType, tags as tagsType } from '../types.bicep'
import { monitoringMetricsPublisher } from '../roles.bicep'

@description('The name of the Log Analytics workspace.')
param workspaceName string

@description('The name of the Application Insights component.')
param insightsName string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('What is taken a day at the most.')
param dailyLogCap dailyLogCapType

@description('How long everything can be searched, in days.')
param logRetentionDays int

@description('How long the audit records, and Key Vault\'s, are kept, in days.')
param auditRetentionDays int

@description('The name of the app\'s identity, which sends telemetry.')
param publisherName string

resource publisher 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: publisherName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logRetentionDays
    workspaceCapping: {
      dailyQuotaGb: json(dailyLogCap)
    }
    features: {
      // Roles at the app's resource suffice to read its log.
      enableLogAccessUsingOnlyResourcePermissions: true
      disableLocalAuth: true
    }
  }

  // The app's audit records are among its traces, Key Vault's in a table of their own.
  resource auditTables 'tables' = [
    for table in ['AppTraces', 'AZKVAuditLogs']: {
      name: table
      properties: {
        plan: 'Analytics'
        retentionInDays: logRetentionDays
        totalRetentionInDays: auditRetentionDays
      }
    }
  ]
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
}

resource publisherRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, publisherName, monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: publisher.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

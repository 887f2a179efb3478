// The Log Analytics workspace. It is deployed twice, because the transformations refer to the workspace and the workspace refers to the transformations.

import { dailyLogCap as dailyLogCapType, tags as tagsType } from '../types.bicep'

@description('The name of the workspace.')
param name string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The daily limit.')
param dailyLogCap dailyLogCapType

@description('Number of days for which all tables can be searched.')
param logRetentionDays int

@description('The data collection rule for every row before it is stored. None in the first of the two deployments.')
param transformationsId string?

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
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
      // A role at the app's resource permits reading its log.
      enableLogAccessUsingOnlyResourcePermissions: true
      disableLocalAuth: true
    }
    // Omitted, not null, in the first deployment, because null would remove the link from a workspace that has it.
    ...(transformationsId == null ? {} : { defaultDataCollectionRuleResourceId: transformationsId })
  }
}

// The workbook: delinks by merchant, their duration, the time of starts, and the costs.

import { sizing as sizingType, tags as tagsType } from '../types.bicep'
import { instances } from '../sizes.bicep'
import { delinkAudit, delinkCount, executions, secretReads, secretUnusable, undelinkedEvents } from '../queries.bicep'

@description('The title of the workbook.')
param displayName string

@description('The region.')
param location string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace with the log.')
param workspaceName string

@description('The size of an instance.')
param sizing sizingType

var prices = loadJsonContent('../prices.json')

type chart = {
  title: string
  query: string
  visualization: 'barchart' | 'table' | 'timechart'
}

var charts chart[] = [
  {
    title: 'Delinks by outcome'
    query: '${delinkAudit}| summarize count() by Outcome, bin(TimeGenerated, 1h)'
    visualization: 'timechart'
  }
  {
    title: 'By merchant and outcome'
    query: '${delinkAudit}| summarize Requests = count(), Slowest = max(DurationMs) by Merchant, Outcome, Status | order by Requests'
    visualization: 'table'
  }
  {
    title: 'Time that callers waited, in ms'
    query: '${delinkAudit}| summarize percentiles(DurationMs, 50, 95, 99) by bin(TimeGenerated, 1h)'
    visualization: 'timechart'
  }
  {
    title: 'Cold starts'
    query: '${secretReads}| summarize Start = min(TimeGenerated) by AppRoleInstance | summarize ColdStarts = count() by bin(Start, 1h)'
    visualization: 'barchart'
  }
  {
    title: 'First delink of each instance, in ms'
    query: 'AppDependencies | where Name == "delink" | summarize arg_min(TimeGenerated, DurationMs) by AppRoleInstance | summarize percentiles(DurationMs, 50, 95) by bin(TimeGenerated, 1h)'
    visualization: 'timechart'
  }
  {
    title: 'Secrets that cannot be read'
    query: '${secretUnusable}| summarize Reads = sum(Sum), Last = max(TimeGenerated) by Secret, Outcome'
    visualization: 'table'
  }
  {
    title: 'Events that delinked nothing, unknown to Juspay or too old'
    query: '${undelinkedEvents}| summarize count() by Event, bin(TimeGenerated, 1h)'
    visualization: 'barchart'
  }
  {
    title: 'Requests and webhooks by outcome, including those refused before their signature was checked'
    query: '${delinkCount}| summarize Requests = sum(Sum) by Outcome, Merchant | order by Requests'
    visualization: 'table'
  }
  {
    // A call is billed for at least a second, then in steps of 100 ms, so for at most a second more than its duration. The last term is the cost of
    // idle instances that are always ready.
    title: 'Executions in dollars a day, at list prices: at most, since calls that overlap share an instance, and before the free grant'
    query: $'''
${executions}| summarize Calls = sum(Calls), GbSeconds = sum(Calls * (1.0 + AvgMs / 1000.0)) * ${instances[sizing].memoryMB} / 1024.0 by Day = bin(TimeGenerated, 1d)
| extend Dollars = GbSeconds * ${prices.onDemandGbSecond} + Calls / 1000000.0 * ${prices.millionExecutions} + ${instances[sizing].alwaysReady} * 86400 * ${instances[sizing].memoryMB} / 1024.0 * ${prices.alwaysReadyGbSecondIdle}
'''
    visualization: 'table'
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'workbook', displayName)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    sourceId: workspace.id
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(
        [
          {
            type: 9
            name: 'parameters'
            content: {
              version: 'KqlParameterItem/1.0'
              parameters: [
                {
                  id: guid(resourceGroup().id, 'workbook', displayName, 'TimeRange')
                  version: 'KqlParameterItem/1.0'
                  name: 'TimeRange'
                  label: 'Time range'
                  type: 4
                  isRequired: true
                  typeSettings: {
                    selectableValues: map([3600000, 86400000, 604800000, 2592000000], milliseconds => { durationMs: milliseconds })
                    allowCustom: true
                  }
                  value: {
                    durationMs: 604800000
                  }
                }
              ]
              style: 'pills'
              queryType: 0
              resourceType: 'microsoft.operationalinsights/workspaces'
            }
          }
        ],
        map(charts, chart => {
          type: 3
          name: chart.title
          content: {
            version: 'KqlItem/1.0'
            title: chart.title
            query: chart.query
            visualization: chart.visualization
            size: 0
            timeContextFromParameter: 'TimeRange'
            queryType: 0
            resourceType: 'microsoft.operationalinsights/workspaces'
            crossComponentResources: [
              workspace.id
            ]
          }
        })
      )
    })
  }
}

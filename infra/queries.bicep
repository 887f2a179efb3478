// The queries of the log and the filters of its rows, in one place for the alerts, the workbook and the workspace. Events, fields, metrics and tags are those
// of telemetry.md. The host receives only the message of a log record, so fields are extracted from it. Tests apply these patterns to the text that Core
// writes. The host drops what the worker logs outside an invocation, so nothing here depends on such lines.

func event(name string) string => 'AppTraces | where Message startswith "${name} "'

// Includes the blank before it, which no value can contain, so that text from a caller cannot look like a field.
func field(name string) string => 'extract(@" ${name}=(\\S+)", 1, Message)'

func tag(name string) string => 'tostring(Properties["walletfunctions.${name}"])'

func metric(name string) string => 'AppMetrics | where Name == "walletfunctions.${name}"'

// The outcomes of a webhook before its signature is verified. Any sender can cause these, so they are counted and not recorded.
var unsignedOutcomes = '("invalid_signature", "body_too_large", "length_required", "unsupported_content_type", "handshake", "webhook_secret_not_configured", "webhook_secret_unavailable")'

@export()
@description('One row per delink request or webhook, with any outcome.')
var delinkAudit = $'''
${event('delink_audit')}
| extend Merchant = ${field('merchant')}, Outcome = ${field('outcome')}, Status = toint(${field('status')}), DurationMs = tolong(${field('duration_ms')})
'''

@export()
@description('Counts of delink requests and webhooks, exported by the worker every minute.')
var delinkCount = $'''
${metric('delink.count')}
| extend Outcome = ${tag('outcome')}, Merchant = ${tag('merchant')}
'''

@export()
@description('Counts of reads of secrets, exported by the worker every minute. An instance reads at its start and then at an interval, so they also show that it is alive.')
var secretReads = $'''
${metric('secret.reads')}
| extend Secret = ${tag('secret')}, Outcome = ${tag('outcome')}
'''

@export()
@description('Reads that failed for a reason that an operator has to correct. An outage of Key Vault is not included: see secretMissed.')
var secretUnusable = '${secretReads}| where Outcome in ("Missing", "Disabled", "Empty", "Unusable", "Denied")'

@export()
@description('Requests that failed because no API key was available.')
var secretMissed = '${delinkAudit}| where Outcome in ("api_key_unavailable", "api_key_not_configured")'

@export()
@description('Minutes in which more than 100 webhooks without a valid signature were refused.')
var refusedWebhooks = $'''
${delinkCount}| where Outcome in ${unsignedOutcomes}
| summarize Refused = sum(Sum) by bin(TimeGenerated, 1m)
| where Refused > 100
'''

@export()
@description('Delinks that failed in this app or at Juspay. Disconnected callers and unsigned webhooks do not count.')
var failureRate = $'''
${delinkAudit}| where Outcome != "caller_cancelled" and Outcome !startswith "webhook_secret_"
| summarize Failed = countif(Status >= 500), All = count()
| where Failed >= 5 and Failed * 10 > All
'''

@export()
@description('One row per bug.')
var internalError = event('internal_error')

@export()
@description('''One row per accepted event that is not done and is not tried again, and one per message that the host moves to the queue delink-events-poison
after five deliveries. The host writes this text, also if each delivery ended with the process. Source: QueueProcessor.cs of
https://github.com/Azure/azure-sdk-for-net/tree/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Queues.''')
var eventGivenUp = $'''
union
    (${event('event_abandoned')}),
    (${event('event_unreadable')}),
    (AppTraces | where Message has "Moving message to queue 'delink-events-poison'")
'''

@export()
@description('''One row if an event was accepted more than half an hour ago and nothing was taken out of the queue since. Each attempt has an audit record, also while
Juspay is down, so no instance reads the queue then. The record of a fast attempt can be older than that of the acceptance, by less than a minute.''')
var queueNotRead = $'''
AppTraces
| where Message startswith "delink_audit " or Message startswith "event_abandoned "
| extend Outcome = ${field('outcome')}, Caller = ${field('caller')}
| summarize
    Accepted = maxif(TimeGenerated, Outcome == "accepted" and TimeGenerated < ago(30m)),
    Taken = maxif(TimeGenerated, Caller startswith "queue:" or Message startswith "event_abandoned ")
| where isnotnull(Accepted) and (isnull(Taken) or Taken < Accepted - 1m)
'''

@export()
@description('One row per event that delinked nothing, because Juspay does not know its wallet or customer, or because it is too old.')
var undelinkedEvents = $'''
union
    (${event('nothing_to_delink')}),
    (${event('event_too_old')})
| extend Event = tostring(split(Message, " ")[0])
'''

@export()
@description('''Errors of the host, or of the worker before it can log, for example unusable settings or a package that does not start. Failed invocations are
not included, because any caller can cause one by aborting a request body; failedInvocations counts them.''')
var hostError = '''
union
    (AppTraces | project TimeGenerated, SeverityLevel, Text = Message, Kind = ""),
    (AppExceptions | project TimeGenerated, SeverityLevel, Text = OuterMessage, Kind = strcat(ExceptionType, " ", InnermostType))
| where SeverityLevel >= 3
| where not(Text startswith "secret_unavailable " or Text startswith "internal_error " or Text startswith "event_abandoned " or Text startswith "event_unreadable " or Text startswith "Executed 'Functions.")
| where not(Kind has "BadHttpRequestException" or Kind has "TaskCanceledException" or Kind has "OperationCanceledException")
'''

@export()
@description('Minutes in which more than 30 invocations failed, from the host\'s own counters, which are written every 30 seconds instead of per request.')
var failedInvocations = '''
AppMetrics
| where Name endswith " Failures"
| summarize Failed = sum(Sum) by bin(TimeGenerated, 1m)
| where Failed > 30
'''

@export()
@description('''Executions per five minutes by function and instance, from the host's own counters, with the maximum of the average durations. If the duration
was written in the next five minutes, the longest duration that host.json allows is used, so that a cost computed from these rows is never too low.''')
var executions = '''
AppMetrics
| where Name endswith " Count" or Name endswith " AvgDurationMs"
| parse Name with Function " " Counter
| summarize Calls = sumif(Sum, Counter == "Count"), AvgMs = maxif(Sum, Counter == "AvgDurationMs") by Function, AppRoleInstance, bin(TimeGenerated, 5m)
| extend AvgMs = coalesce(AvgMs, 90000.0)
'''

@export()
@description('''Half hours in which the vault's audit log has reads by the app, if no metric of the app arrived at all. The audit log shows that the app is
alive without relying on the app's telemetry. The last half hour is left out, because rows of the app may not have arrived yet. A single half hour is not
sufficient evidence, because an instance may read its first secret before its exporter is set up.''')
func silentApp(identityName string) string =>
  $'''
let Reported = toscalar(AppMetrics | where Name startswith "walletfunctions." | count);
AZKVAuditLogs
| where OperationName == "SecretGet" and tostring(Identity) has "${identityName}"
| where TimeGenerated < ago(30m) and Reported == 0
| summarize Reads = count() by bin(TimeGenerated, 30m)
'''

@export()
@description('No more log is stored today, including audit records. Source: https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap')
var logCapReached = '''
_LogOperation
| where Category =~ "Ingestion" and Detail contains "OverQuota"
'''

@export()
@description('''The transformation of a row before it is stored, by table.
AppRequests: a row with a URL holds the full id of a wallet or customer. host.json already drops the rows of AppRequests; this rule applies if host.json is replaced.
AppTraces, AppDependencies: rows that a client without a key or a signature can cause could fill the daily cap, after which no audit record is stored.''')
var transformations = {
  AppDependencies: 'source | where ${tag('outcome')} !in ${unsignedOutcomes}'
  AppRequests: 'source | where isempty(Url)'
  AppTraces: 'source | where not(Message startswith "delink_audit " and Message contains " caller=webhook:" and ${field('outcome')} in ${unsignedOutcomes})'
}

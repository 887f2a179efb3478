// The queries of the alerts and the workbook, and the transformations of the workspace. Events, fields, metrics and tags are those of the README. The host
// receives only the message of a log record, so fields are extracted from the message; tests apply these patterns to what Core writes. The host drops
// what the worker logs outside an invocation, so no query depends on such lines.

func event(name string) string => 'AppTraces | where Message startswith "${name} "'

// The pattern includes the blank before the field. Values contain no blanks, so text sent by a caller cannot be mistaken for a field.
func field(name string) string => 'extract(@" ${name}=(\\S+)", 1, Message)'

func tag(name string) string => 'tostring(Properties["walletfunctions.${name}"])'

func metric(name string) string => 'AppMetrics | where Name == "walletfunctions.${name}"'

// The outcomes of webhooks whose signature was not yet verified. Any sender can cause them, so they are counted but not stored as records.
var unsignedOutcomes = '("invalid_signature", "body_too_large", "length_required", "unsupported_content_type", "webhook_secret_not_configured", "webhook_secret_unavailable")'

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
@description('Failed reads whose cause an operator must correct. They do not include outages of Key Vault: see secretMissed.')
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
@description('Calls that failed in the app or at Juspay. Calls that the caller cancelled and webhooks without a valid signature are not counted.')
var failureRate = $'''
${delinkAudit}| where Outcome != "caller_cancelled" and Outcome !startswith "webhook_secret_"
| summarize Failed = countif(Status >= 500), All = count()
| where Failed >= 5 and Failed * 10 > All
'''

@export()
@description('One row per unexpected exception in the app, which is a bug.')
var internalError = event('internal_error')

@export()
@description('One row per webhook about a wallet or customer that Juspay does not know.')
var nothingToDelink = event('nothing_to_delink')

@export()
@description('''Errors of the host, or of the worker before it can log, for example unusable settings or a package that does not start. Failed invocations are
not included, because any caller can cause one by aborting a request body; failedInvocations counts them.''')
var hostError = '''
union
    (AppTraces | project TimeGenerated, SeverityLevel, Text = Message, Kind = ""),
    (AppExceptions | project TimeGenerated, SeverityLevel, Text = OuterMessage, Kind = strcat(ExceptionType, " ", InnermostType))
| where SeverityLevel >= 3
| where not(Text startswith "secret_unavailable " or Text startswith "internal_error " or Text startswith "Executed 'Functions.")
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
| extend AvgMs = coalesce(AvgMs, 60000.0)
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
@description('The daily limit is reached, so nothing more is stored today, including audit records. Source: https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap')
var logCapReached = '''
_LogOperation
| where Category =~ "Ingestion" and Detail contains "OverQuota"
'''

@export()
@description('''The transformations of rows before they are stored, by table. host.json already suppresses rows of AppRequests with a URL; this is a second barrier.
AppRequests: a row with a URL contains the full id of a wallet or customer, so it is dropped.
AppTraces, AppDependencies: rows that any caller can cause without a key or a signature are dropped. They could fill the daily cap, after which no audit
record would be stored.''')
var transformations = {
  AppDependencies: 'source | where ${tag('outcome')} !in ${unsignedOutcomes}'
  AppRequests: 'source | where isempty(Url)'
  AppTraces: 'source | where not(Message startswith "delink_audit " and Message contains " caller=webhook:" and ${field('outcome')} in ${unsignedOutcomes})'
}

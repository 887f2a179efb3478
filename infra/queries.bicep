// How the app's log is read, in one place for the alerts and the workbook. Events and fields are those of the README. The
// host receives nothing of a log record but its message, so fields are cut out of that; tests apply these patterns to what Core writes.

func event(name string) string => 'AppTraces | where Message startswith "${name} "'

// With the blank before it, which no value can hold: what callers send cannot pass itself off as a field.
func field(name string) string => 'extract(@" ${name}=(\\S+)", 1, Message)'

@export()
@description('One row per delink request or webhook, whatever became of it.')
var delinkAudit = $'''
${event('delink_audit')}
| extend Merchant = ${field('merchant')}, Outcome = ${field('outcome')}, Status = toint(${field('status')}), DurationMs = tolong(${field('duration_ms')})
'''

@export()
@description('One row per read of a secret that failed and that somebody has to mend. An outage of Key Vault that costs nothing is a warning, and left out.')
var secretUnavailable = $'''
${event('secret_unavailable')} and SeverityLevel >= 3
| extend Name = ${field('name')}, Fault = ${field('fault')}
'''

@export()
@description('One row per read of a secret whose date of expiry is past.')
var secretExpired = $'''
${event('secret_expired')}
| extend Name = ${field('name')}
'''

@export()
@description('One row per bug of ours.')
var internalError = event('internal_error')

@export()
@description('One row per webhook about a wallet or customer that Juspay does not know.')
var nothingToDelink = event('nothing_to_delink')

@export()
@description('One row per secret that an instance began to use, so the first of an instance is its start.')
var secretHeld = event('secret_held')

@export()
@description('Errors of the host, or of the worker before it can log: settings that cannot be used, a package that does not start.')
var hostError = '''
union
    (AppTraces | project TimeGenerated, SeverityLevel, Text = Message),
    (AppExceptions | project TimeGenerated, SeverityLevel, Text = OuterMessage)
| where SeverityLevel >= 3
| where not(Text startswith "secret_unavailable " or Text startswith "internal_error ")
'''

@export()
@description('The log is not taken any more today, audit records included. Source: https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap')
var logCapReached = '''
_LogOperation
| where Category =~ "Ingestion" and Detail contains "OverQuota"
'''

// Azure's built-in roles, by their ids, which are the same in every tenant.
// Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles

@export()
@description('Reads the values of secrets.')
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

@export()
@description('Reads, writes and deletes secrets.')
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

@export()
@description('All operations on blobs. The Functions host requires this, because it keeps function keys and locks there.')
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

@export()
@description('Reads, writes and deletes messages. The roles for triggers do not permit the release of a message after a failure.')
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'

@export()
@description('Sends telemetry.')
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// A request mostly waits for Juspay, so one instance handles many, and requests on the same instance share its cost.

@export()
@description('The values of each sizing.')
var instances = {
  cheapest: { memoryMB: 512, alwaysReady: 0, concurrency: 16 }
  fastest: { memoryMB: 2048, alwaysReady: 0, concurrency: 32 }
  alwaysWarm: { memoryMB: 512, alwaysReady: 1, concurrency: 16 }
}

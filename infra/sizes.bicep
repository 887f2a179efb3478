// A request mostly waits for Juspay and uses little processor time, so one instance serves many requests at once, and they share its cost.

@export()
@description('The memory in MB, the number of always-ready instances and the concurrent requests per instance of each sizing.')
var instances = {
  cheapest: { memoryMB: 512, alwaysReady: 0, concurrency: 16 }
  fastest: { memoryMB: 2048, alwaysReady: 0, concurrency: 32 }
  alwaysWarm: { memoryMB: 512, alwaysReady: 1, concurrency: 16 }
}

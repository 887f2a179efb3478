// A request waits for Juspay and computes nearly nothing, so one instance carries many; who shares an instance shares its price.

@export()
@description('What each sizing is.')
var instances = {
  cheapest: { memoryMB: 512, alwaysReady: 0, concurrency: 16 }
  fastest: { memoryMB: 2048, alwaysReady: 0, concurrency: 32 }
  alwaysWarm: { memoryMB: 512, alwaysReady: 1, concurrency: 16 }
}

using Microsoft.Extensions.Configuration;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Intake;

public sealed class IntakeQueueTests
{
    /// <summary>The request ends as cancelled by its caller, and not with a problem of the queue.</summary>
    [Fact]
    public async Task TryPut_CancelledByTheCaller_IsCancelled()
    {
        var faults = new FaultQueue();
        await using var queues = new SimulatedQueues(faults);
        await queues.StartAsync();
        faults.Add(new Fault { Target = FaultTarget.Queue, DelayMs = -1, Count = 2 });
        var queue = new IntakeQueue(
            new IntakeSettings { MaxAge = TimeSpan.FromDays(3), ConnectionString = queues.ConnectionString }, new ConfigurationBuilder().Build(), TimeProvider.System);
        using var caller = new CancellationTokenSource();

        var put = queue.TryPutAsync([new IntakeMessage { CustomerId = "customer_1122", ReceivedAt = DateTimeOffset.UnixEpoch }], caller.Token);
        await TestHost.WaitUntilAsync(() => faults.Silenced is 1);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
    }
}

using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Problems;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Intake;

public sealed class IntakeQueueTests
{
    private static readonly IntakeMessage Message = new() { CustomerId = "customer_1122", ReceivedAt = DateTimeOffset.UnixEpoch };

    /// <summary>The request ends as cancelled by its caller, and not with a problem of the queue.</summary>
    [Fact]
    public async Task TryPut_CancelledByTheCaller_IsCancelled()
    {
        var faults = new FaultQueue();
        await using var queues = new SimulatedQueues(faults);
        await queues.StartAsync();
        faults.Add(new Fault { Target = FaultTarget.Queue, DelayMs = -1, Count = 2 });
        var queue = QueueOf(queues, TimeProvider.System);
        using var caller = new CancellationTokenSource();

        var put = queue.TryPutAsync([Message], TimeSpan.FromSeconds(30), caller.Token);
        await TestHost.WaitUntilAsync(() => faults.Silenced is 1);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
    }

    /// <summary>No single request is slow, but a body can have thousands of events. The sender sends all of them again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_OfManyMessagesIntoASlowQueue_EndsAtTheLimit(bool isReadable)
    {
        var faults = new FaultQueue();
        await using var queues = new SimulatedQueues(faults);
        await queues.StartAsync();
        var name = isReadable ? IntakeQueue.Name : IntakeQueue.FailedName;
        await new QueueClient(queues.ConnectionString, name).CreateAsync();
        faults.Add(new Fault { Target = FaultTarget.Queue, DelayMs = 100, Count = 1000 });
        var time = new ObservedTime();
        var queue = QueueOf(queues, time);
        var limit = TimeSpan.FromSeconds(30);

        var put = isReadable
            ? queue.TryPutAsync(Enumerable.Repeat(Message, 26), limit, CancellationToken.None)
            : queue.TryKeepAsync(new Problem(ProblemType.MalformedBody, ""), new string('x', 256 * 1024), "store", "msg_1", limit, CancellationToken.None);
        await TestHost.WaitUntilAsync(() => queues.MessagesOf(name).Count > 1);
        time.Advance(limit);

        Assert.Equal(ProblemType.IntakeUnavailable, (await put)?.Type);
        Assert.InRange(queues.MessagesOf(name).Count, 2, 20);
    }

    private static IntakeQueue QueueOf(SimulatedQueues queues, TimeProvider time) =>
        new(new IntakeSettings { MaxAge = TimeSpan.FromDays(3), ConnectionString = queues.ConnectionString }, new ConfigurationBuilder().Build(), time);
}

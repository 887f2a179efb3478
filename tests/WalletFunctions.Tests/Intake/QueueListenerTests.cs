using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Intake;

/// <summary>The rules of the Functions host's trigger, which the local host and the tests' Functions host follow.</summary>
public sealed class QueueListenerTests
{
    [Fact]
    public async Task Message_ThatFailsFiveTimes_IsPoison()
    {
        var time = new FakeTimeProvider();
        await using var queues = new SimulatedQueues(new FaultQueue()) { Time = time };
        await queues.StartAsync();
        var settings = new IntakeSettings { MaxAge = TimeSpan.FromDays(3), ConnectionString = queues.ConnectionString };
        var handled = 0;
        using var listener = new QueueListener(settings, new ConfigurationBuilder().Build(), (text, _) =>
        {
            Interlocked.Increment(ref handled);
            return text is "bad" ? throw new InvalidOperationException("it fails") : Task.CompletedTask;
        });
        await listener.StartAsync(default);
        var queue = IntakeQueue.CreateClient(IntakeQueue.Name, settings, new ConfigurationBuilder().Build());

        await queue.SendMessageAsync("bad");
        await queue.SendMessageAsync("good");
        for (var delivery = 1; delivery <= 5; delivery++)
        {
            await TestHost.WaitUntilAsync(() => Volatile.Read(ref handled) == delivery + 1);
            await TestHost.WaitUntilAsync(() => queues.MessagesOf(IntakeQueue.Name) is [] || queues.MessagesOf(IntakeQueue.Name) is [var left] && left.VisibleAt - time.GetUtcNow() <= TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromSeconds(30));
        }

        await TestHost.WaitUntilAsync(() => queues.MessagesOf(QueueListener.PoisonName) is [_]);
        await listener.StopAsync(default);
        Assert.Equal("bad", Assert.Single(queues.MessagesOf(QueueListener.PoisonName)).Text);
        Assert.Empty(queues.MessagesOf(IntakeQueue.Name));
    }

    /// <summary>A message that is received while the listener stops must not wait for the end of its lease.</summary>
    [Fact]
    public async Task Message_ReceivedDuringAStop_IsReleased()
    {
        var faults = new FaultQueue();
        var time = new FakeTimeProvider();
        await using var queues = new SimulatedQueues(faults) { Time = time };
        await queues.StartAsync();
        var settings = new IntakeSettings { MaxAge = TimeSpan.FromDays(3), ConnectionString = queues.ConnectionString };
        var queue = IntakeQueue.CreateClient(IntakeQueue.Name, settings, new ConfigurationBuilder().Build());
        await queue.CreateAsync();
        await queue.SendMessageAsync("x");
        faults.Add(new Fault { Target = FaultTarget.Queue, Method = "GET", DelayMs = 1000, Moment = FaultMoment.After });
        var handled = 0;
        using var listener = new QueueListener(settings, new ConfigurationBuilder().Build(), (_, _) =>
        {
            handled++;
            return Task.CompletedTask;
        });

        await listener.StartAsync(default);
        await TestHost.WaitUntilAsync(() => queues.MessagesOf(IntakeQueue.Name) is [{ Deliveries: 1 }]);
        await listener.StopAsync(default);

        Assert.Equal(0, handled);
        Assert.True(Assert.Single(queues.MessagesOf(IntakeQueue.Name)).VisibleAt - time.GetUtcNow() <= TimeSpan.FromSeconds(30));
    }
}

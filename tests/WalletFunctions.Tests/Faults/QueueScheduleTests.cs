using CsCheck;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>Tests under random faults of the queue and of Juspay that an accepted event is done or in a queue, at any time.</summary>
public sealed class QueueScheduleTests
{
    // Without the fault that waits in real time.
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (2, Gen.Const(new Step("nothing", IsAfter: false))),
        (3, Gen.OneOf("reset", "429", "500", "503", "denied", "409", "garbage", "HTML").Select(Gen.Bool, (name, isAfter) => new Step(name, isAfter))));

    private static readonly Gen<Schedule> Schedules = Gen.Select(Steps.Array[0, 12], Steps.Array[0, 6], (queue, juspay) => new Schedule(queue, juspay));

    [Fact]
    public async Task Event_200Schedules_AcceptedMeansDoneOrInAQueue()
    {
        var (accepted, refused) = (0, 0);

        await Schedules.SampleAsync(
            async schedule =>
            {
                var status = await HappenAsync(schedule);
                Interlocked.Increment(ref status is 202 ? ref accepted : ref refused);
            },
            iter: 200, threads: 4, print: schedule => schedule.ToString());

        Assert.True(accepted > 30 && refused > 10, $"{accepted} accepted, {refused} refused");
    }

    /// <summary>The same search must find a planted defect; otherwise it would prove nothing.</summary>
    [Fact]
    public async Task Event_WhoseMessageIsPlantedAsGone_IsFoundWithin20Schedules()
    {
        var found = await Assert.ThrowsAsync<CsCheckException>(() => Schedules.SampleAsync(
            schedule => HappenAsync(schedule, kept => kept is 1 ? 0 : kept), iter: 20, threads: 4, print: schedule => schedule.ToString()));

        Assert.Contains("lost", found.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Sends an event, and lets time pass until nothing is left in the queue. Returns the status of the answer.</summary>
    private static async Task<int> HappenAsync(Schedule schedule, Func<int, int>? report = null)
    {
        await using var host = await TestHost.StartAsync(["--Webhooks:Intake=queue", "--Juspay:MaxAttempts=1"]);
        var (queue, juspay) = (new Queue<Step>(schedule.Queue), new Queue<Step>(schedule.Juspay));
        // The listener asks the queue all the time, so these requests take no step.
        host.Simulation.Faults.Otherwise = (target, request) => target switch
        {
            FaultTarget.Queue when request.Method is not "GET" => queue.TryDequeue(out var step) ? step.Fault : null,
            FaultTarget.Juspay => juspay.TryDequeue(out var step) ? step.Fault : null,
            _ => null,
        };

        var answer = await host.SendEventAsync(QueueHappening.Event);
        for (var look = 0; host.Simulation.Queues!.MessagesOf(IntakeQueue.Name) is not []; look++)
        {
            QueueHappening.AssertIsNotLost(host, answer.Status, report);
            Assert.True(look < 6000, "The event is never finished.");
            await Task.Delay(5);
            host.Time.Advance(TimeSpan.FromSeconds(10));
        }

        QueueHappening.AssertIsNotLost(host, answer.Status, report);
        return answer.Status;
    }

    /// <summary>The fault of one request.</summary>
    private sealed record Step(string Name, bool IsAfter)
    {
        public Fault? Fault => Name is "nothing" ? null : FaultMatrix.AtTheQueue(Name) with { Moment = IsAfter ? FaultMoment.After : FaultMoment.Before };

        public override string ToString() => IsAfter ? $"{Name} (after the change)" : Name;
    }

    /// <summary>One event: a step for each request that changes the queue, and for each to Juspay.</summary>
    private sealed record Schedule(Step[] Queue, Step[] Juspay)
    {
        public override string ToString() => $"queue [{string.Join("; ", Queue.AsEnumerable())}], Juspay [{string.Join("; ", Juspay.AsEnumerable())}]";
    }
}

using Microsoft.Extensions.Time.Testing;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>The queue's function in its worker process.</summary>
public sealed class QueueWorkerTests
{
    private const string Closed = """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""";

    /// <summary>A function without its connection would be an error of the Functions host at each start.</summary>
    [SkippableFact]
    public async Task Function_OfTheQueue_ExistsOnlyWithAQueue()
    {
        await using var direct = await FunctionsTestHost.StartAsync();
        await using var queue = await FunctionsTestHost.StartAsync(["--Webhooks:Intake=queue"]);

        Assert.DoesNotContain("DelinkAccepted", Names(direct));
        Assert.Contains("DelinkAccepted", Names(queue));
        Assert.Equal(Names(direct).Length + 1, Names(queue).Length);

        static string[] Names(FunctionsTestHost host) => [.. host.Host.Worker.Functions.Select(function => function["name"]!.GetValue<string>())];
    }

    [SkippableFact]
    public async Task Process_ThatIsKilledDuringADelink_LosesNothing()
    {
        await using var first = await FunctionsTestHost.StartAsync(["--Webhooks:Intake=queue"]);
        first.Fault(new Fault { DelayMs = -1 });
        Assert.Equal(202, (await first.SendEventAsync(Closed)).Status);
        await TestHost.WaitUntilAsync(() => first.Simulation.Faults.Silenced is 1);

        // The host ends together with its worker, so it cannot release the message, which comes again only when its lease ends.
        first.Fault(new Fault { Target = FaultTarget.Queue, Method = "PUT", Status = 503, Count = 10 });
        first.Host.Worker.Process.Kill();
        await first.Host.StopListeningAsync();
        first.Simulation.Faults.Reset();
        Assert.Single(first.Simulation.Queues!.MessagesOf(IntakeQueue.Name));
        first.Simulation.Queues.Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(11));
        await using var second = await FunctionsTestHost.StartAsync(
        [
            "--Webhooks:Intake=queue", $"--Intake={first.Simulation.Queues.ConnectionString}", $"--Juspay:BaseUrl={first.Juspay.BaseUrl}", $"--LocalHost:JuspayApiKey={first.Simulation.ApiKey}",
        ]);

        await TestHost.WaitUntilAsync(() => !first.IsLinked(TestHost.Paytm) && !first.IsLinked(TestHost.Mobikwik));
        await TestHost.WaitUntilAsync(() => first.Simulation.Queues.MessagesOf(IntakeQueue.Name) is []);
    }

    /// <summary>Juspay is down, and the queue refuses each copy, so the invocation itself fails.</summary>
    [SkippableFact]
    public async Task Message_WhoseInvocationFailsFiveTimes_IsPoison()
    {
        await using var host = await FunctionsTestHost.StartAsync(["--Webhooks:Intake=queue", "--Juspay:MaxAttempts=1"]);
        var (queues, time, puts) = (host.Simulation.Queues!, new FakeTimeProvider(TimeProvider.System.GetUtcNow()), 0);
        queues.Time = time;
        host.Simulation.Faults.Otherwise = (target, request) =>
            target is FaultTarget.Juspay
            || (target is FaultTarget.Queue && request.Method is "POST" && request.Path.StartsWithSegments("/local/" + IntakeQueue.Name, StringComparison.Ordinal) && Interlocked.Increment(ref puts) > 1)
                ? new Fault { Status = 503 }
                : null;

        Assert.Equal(202, (await host.SendEventAsync(Closed)).Status);
        for (var delivery = 1; delivery < 5; delivery++)
        {
            await TestHost.WaitUntilAsync(() => queues.MessagesOf(IntakeQueue.Name) is [var failed] && failed.Deliveries == delivery && failed.VisibleAt - time.GetUtcNow() == TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromSeconds(30));
        }

        await TestHost.WaitUntilAsync(() => queues.MessagesOf(QueueListener.PoisonName) is [_] && queues.MessagesOf(IntakeQueue.Name) is []);
        Assert.True(IntakeMessage.TryRead(queues.MessagesOf(QueueListener.PoisonName)[0].Text, out var poison, out _));
        Assert.Equal(TestHost.Customer, poison.CustomerId);
        Assert.True(host.IsLinked(TestHost.Paytm));
    }
}

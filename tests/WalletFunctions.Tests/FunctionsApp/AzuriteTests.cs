using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Azure.Storage.Queues;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>The worker process with Azurite as its queue.</summary>
public sealed class AzuriteTests
{
    private const int Events = 500;
    private const int Kills = 10;

    /// <summary>
    /// A sender gets each event accepted, while Juspay fails every second request and is down for a minute, and the worker is killed ten times. The sender sends an event
    /// again only if it got no success.
    /// </summary>
    [SkippableFact]
    public async Task Events_AcceptedWhileTheProcessIsKilledAndJuspayIsDown_AreAllDone()
    {
        Skip.If(Azurite.WhyNot is not null, Azurite.WhyNot);
        using var azurite = await Azurite.StartAsync();
        await using var outside = await OutsideAsync();
        var chance = new Random(20261128);
        var isDown = false;
        outside.Faults.Otherwise = (target, _) => target is not FaultTarget.Juspay ? null
            : Volatile.Read(ref isDown) ? new Fault { Reset = true }
            : chance.Next(4) switch { 0 => new Fault { Status = 503 }, 1 => new Fault { Status = 503, Moment = FaultMoment.After }, _ => null };
        var host = await StartAsync(azurite, outside);
        var queue = new QueueClient(azurite.ConnectionString, IntakeQueue.Name);
        var accepted = new ConcurrentDictionary<int, bool>();

        var sending = Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, stop) =>
        {
            while (!await IsAcceptedAsync(host, number))
            {
                await Task.Delay(200, stop);
            }

            accepted[number] = true;
            await Task.Delay(1200, stop);
        });
        var outage = Task.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10));
            Volatile.Write(ref isDown, true);
            await Task.Delay(TimeSpan.FromMinutes(1));
            Volatile.Write(ref isDown, false);
        });
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(chance.Next(4000, 8000));
            var killed = host;
            killed.Host.Worker.Process.Kill();
            await killed.Host.StopListeningAsync();
            host = await StartAsync(azurite, outside);
            await killed.EndAsync();
        }

        await Task.WhenAll(sending, outage);
        Assert.Equal(Events, accepted.Count);
        // What still waits is done at its next attempt.
        outside.Faults.Otherwise = null;
        var limit = Stopwatch.StartNew();
        while (outside.Juspay!.Wallets.Any(wallet => wallet.Linked) || (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount > 0)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(5), $"{outside.Juspay.Wallets.Count(wallet => wallet.Linked)} wallets are still linked");
            await Task.Delay(500);
        }

        await host.EndAsync();
        Assert.Empty((await new QueueClient(azurite.ConnectionString, IntakeQueue.FailedName).PeekMessagesAsync(32)).Value);
        Assert.Empty((await new QueueClient(azurite.ConnectionString, QueueListener.PoisonName).PeekMessagesAsync(32)).Value);
        Assert.All(
            outside.Juspay.Requests.Where(request => request is { Method: "POST", Status: 200 }).GroupBy(request => request.Path, StringComparer.Ordinal),
            delinks => Assert.InRange(delinks.Count(), 1, 5));
    }

    /// <summary>The simulators that outlive each process: Juspay with a linked wallet of each customer, and the key that it accepts.</summary>
    private static async Task<Simulation> OutsideAsync()
    {
        var outside = await Simulation.StartAsync(new Microsoft.Extensions.Configuration.ConfigurationManager(), new Microsoft.Extensions.DependencyInjection.ServiceCollection());
        foreach (var wallet in outside.Juspay!.Wallets.ToArray())
        {
            outside.Juspay.Put(wallet with { Linked = false });
        }

        for (var number = 0; number < Events; number++)
        {
            outside.Juspay.Put(new SimulatedWallet($"wlm_{number:D10}", $"customer_{number:D5}", "PAYTM", Linked: true));
        }

        return outside;
    }

    private static Task<FunctionsTestHost> StartAsync(Azurite azurite, Simulation outside) => FunctionsTestHost.StartAsync(
    [
        "--Webhooks:Intake=queue", $"--Intake={azurite.ConnectionString}", $"--Juspay:BaseUrl={outside.Juspay!.BaseUrl}", $"--LocalHost:JuspayApiKey={outside.ApiKey}",
    ]);

    private static async Task<bool> IsAcceptedAsync(FunctionsTestHost host, int number)
    {
        try
        {
            using var request = host.NewEvent($$$"""{"type":"customer.closed","data":{"customer_id":"customer_{{{number:D5}}}"}}""", id: $"msg_{number}");
            using var answer = await host.Client.SendAsync(request);
            return answer.StatusCode is HttpStatusCode.Accepted;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }
}

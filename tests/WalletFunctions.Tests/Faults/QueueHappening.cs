using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>The run of one cell about the queue: an event of one wallet, from its answer until nothing is left to do.</summary>
internal sealed class QueueHappening : IAsyncDisposable
{
    public const string Event = """{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""";

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);

    private readonly Row _row;
    private readonly int _times;
    private readonly TestHost _host;

    private QueueHappening(Row row, int times, TestHost host) => (_row, _times, _host) = (row, times, host);

    /// <summary>How many requests the client sends before it gives up.</summary>
    private int RequestsOfAnOperation => FaultMatrix.IsRepeatedAtTheQueue(_row.Fault) ? 2 : 1;

    private IReadOnlyList<QueuedMessage> Messages => _host.Simulation.Queues!.MessagesOf(IntakeQueue.Name);

    /// <summary>Causes the three cells of a row.</summary>
    public static Task<Cell[]> SeeAsync(Row row)
    {
        return Task.WhenAll(SeeTimesAsync(1), SeeTimesAsync(2), SeeTimesAsync(Fault.MaxCount));

        async Task<Cell> SeeTimesAsync(int times)
        {
            await using var happening = new QueueHappening(row, times, await TestHost.StartAsync(["--Webhooks:Intake=queue", "--Juspay:MaxAttempts=1"]));
            return await happening.SeeAsync();
        }
    }

    /// <summary>Fails if an accepted event is neither done nor in a queue. The queues are read first, because a message is removed only after its delink.</summary>
    /// <param name="host">The host.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="report">Changes the number of messages, to plant a defect.</param>
    public static void AssertIsNotLost(TestHost host, int status, Func<int, int>? report = null)
    {
        var kept = new[] { IntakeQueue.Name, IntakeQueue.FailedName, QueueListener.PoisonName }.Sum(name => host.Simulation.Queues!.MessagesOf(name).Count);
        Assert.Null(Promise.Lost(status, host.IsLinked(TestHost.Paytm), report?.Invoke(kept) ?? kept));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<Cell> SeeAsync()
    {
        var answer = await (_row.Place switch
        {
            Place.QueueCopy => FailTheCopyAsync(),
            Place.QueueFinish => FailTheEndAsync(),
            _ => FailTheEventAsync(),
        });
        await TestHost.WaitUntilAsync(() => Messages is []);

        AssertIsNotLost(_host, answer.Status);
        Assert.Empty(_host.Simulation.Queues!.MessagesOf(IntakeQueue.FailedName));
        var isLinked = _host.IsLinked(TestHost.Paytm);
        Assert.Equal(answer.Status is 202 && isLinked, _host.Simulation.Queues.MessagesOf(QueueListener.PoisonName) is [_]);
        var calls = _host.Juspay.Requests.Count(request => request.Path.EndsWith(TestHost.Paytm, StringComparison.Ordinal));
        return new Cell(answer.Status is 202 ? "accepted" : answer.Code!, calls, isLinked);
    }

    private async Task<Answer> FailTheEventAsync()
    {
        Strike("POST");
        var answer = await _host.SendEventAsync(Event);
        AssertIsNotLost(_host, answer.Status);
        return answer;
    }

    /// <summary>Juspay does not answer, so a copy has to go back. If the fault lasts, Juspay is down as long as the queue.</summary>
    private async Task<Answer> FailTheCopyAsync()
    {
        _host.Fault(new Fault { DelayMs = -1 });
        var answer = await _host.SendEventAsync(Event);
        await TestHost.WaitUntilAsync(() => _host.Simulation.Faults.Silenced is 1);
        Strike("POST");
        if (_times is Fault.MaxCount)
        {
            _host.Fault(new Fault { Status = 503, Count = _times });
        }

        _host.Time.Advance(TimeSpan.FromSeconds(5));
        for (var delivery = 1; Messages is not []; delivery++)
        {
            // After the fifth delivery, the poison queue refuses the message, too. When its lease ends, it comes again and goes there at once.
            await TestHost.WaitUntilAsync(() => Messages is [] || IsDelayed(Messages[0]) || (delivery is 5 && Taken == 6 * RequestsOfAnOperation));
            AssertIsNotLost(_host, answer.Status);
            if (delivery is 5)
            {
                _host.Simulation.Faults.Clear();
            }

            _host.Time.Advance(delivery is 5 ? Lease : AfterFailure);
        }

        return answer;

        bool IsDelayed(QueuedMessage message) => message.VisibleAt > _host.Now && message.VisibleAt - _host.Now <= AfterFailure;
    }

    /// <summary>The delink is done, but its message cannot be removed, so it is delivered again when its lease ends.</summary>
    private async Task<Answer> FailTheEndAsync()
    {
        Strike("DELETE");
        var answer = await _host.SendEventAsync(Event);
        for (var delivery = 1; delivery <= 2 && delivery * RequestsOfAnOperation <= _times; delivery++)
        {
            await TestHost.WaitUntilAsync(() => Taken == delivery * RequestsOfAnOperation);
            AssertIsNotLost(_host, answer.Status);
            if (delivery is 2)
            {
                _host.Simulation.Faults.Clear();
            }

            _host.Time.Advance(Lease);
        }

        return answer;
    }

    private void Strike(string method) =>
        _host.Fault(FaultMatrix.AtTheQueue(_row.Fault) with
        {
            Target = FaultTarget.Queue,
            Method = method,
            Count = _times,
            Moment = _row.Place is Place.QueueAfter ? FaultMoment.After : FaultMoment.Before,
        });

    /// <summary>How many requests to the queue the fault has affected.</summary>
    private int Taken => _times - _host.Simulation.Faults.Waiting.Where(fault => fault.Target is FaultTarget.Queue).Sum(fault => fault.Count);
}

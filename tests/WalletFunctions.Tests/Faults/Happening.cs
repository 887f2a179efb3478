using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Juspay;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Secrets;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>One run of a cell of the matrix.</summary>
internal sealed class Happening : IAsyncDisposable
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskedWait = TimeSpan.FromSeconds(1);

    private readonly Row _row;
    private readonly int _times;
    private readonly bool _isVault;
    private readonly bool _isFirstRead;
    private readonly TimeSpan _timeout;
    private readonly Wire _wire;
    private TestHost? _host;
    private long _startedAt;

    private Happening(Row row, int times)
    {
        _row = row;
        _times = times;
        _isVault = row.Place is Place.Identity or Place.KeyVault or Place.KeyVaultAfterRotation;
        _timeout = _isVault ? CachedSecret<JuspayApiKey>.ReadTimeout : AttemptTimeout;
        _isFirstRead = row.Place is Place.Identity or Place.KeyVault;
        _wire = new Wire(_isFirstRead ? FirstRead.Limit : _timeout, isTls: !_isVault && row.Fault.StartsWith("Tls", StringComparison.Ordinal));
    }

    private TestHost Host => _host!;

    /// <summary>Runs the three cells of a row and returns what was observed.</summary>
    public static Task<Cell[]> SeeAsync(Row row)
    {
        return Task.WhenAll(SeeTimesAsync(1), SeeTimesAsync(2), SeeTimesAsync(Fault.MaxCount));

        async Task<Cell> SeeTimesAsync(int times)
        {
            await using var happening = await StartAsync(row, times);
            return await happening.SeeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _wire.Dispose();
    }

    private static async Task<Happening> StartAsync(Row row, int times)
    {
        var happening = new Happening(row, times);
        if (row.Place is Place.WayToJuspay)
        {
            // Refuses the connection that is opened ahead, so that the delink must open one.
            happening._wire.Add(WireFault.Refused, count: 1);
        }

        happening._host = await TestHost.StartAsync(
            prepare: simulation =>
            {
                if (happening._isFirstRead)
                {
                    happening.Strike(simulation);
                }
            },
            configure: happening.Connect);
        if (!happening._isFirstRead)
        {
            // Reads the key and, unless the fault concerns connecting, opens a connection.
            await (row.Place is Place.WayToJuspay ? happening.Host.GetAsync("/health/ready") : happening.Host.DelinkAsync(TestHost.Mobikwik));
            await TestHost.WaitUntilAsync(() => happening._wire.IsThrough);
            happening.Strike(happening.Host.Simulation);
        }

        return happening;
    }

    /// <summary>Calls while the fault occurs, checks the promise, and calls again after the fault has ended.</summary>
    private async Task<Cell> SeeAsync()
    {
        var answer = await CallAsync();
        var waited = Host.Time.GetElapsedTime(_startedAt);
        var isLinked = Host.IsLinked(TestHost.Paytm);
        var calls = Host.Juspay.Requests.Count(request => request.Path.EndsWith(TestHost.Paytm, StringComparison.Ordinal));
        Assert.Null(Promise.Broken(answer.Status, answer.IsRetryable, wasLinked: _row.Place is not Place.Look, isLinked));

        Host.Simulation.Faults.Clear();
        _wire.Clear();
        Host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await Host.DelinkAsync()).Status);
        Assert.False(Host.IsLinked(TestHost.Paytm));
        Assert.NotEmpty(Host.Transcript.Logs);
        return new Cell(answer.Status is 200 ? "delinked" : answer.Code!, calls, isLinked, waited.TotalSeconds);
    }

    /// <summary>Puts the wire on the connection that the row concerns.</summary>
    private void Connect(WebApplicationBuilder builder, Simulation simulation, ObservedTime time)
    {
        _wire.Advance = time.Advance;
        _startedAt = time.GetTimestamp();
        var handler = _row.Place switch
        {
            Place.Identity => _wire.Under(simulation.KeyVault!.CreateHandler(), SimulatedKeyVault.IdentityHost),
            Place.KeyVault or Place.KeyVaultAfterRotation => _wire.Under(simulation.KeyVault!.CreateHandler(), SimulatedKeyVault.Host),
            _ => _wire.Under(JuspayClient.CreateHandler()),
        };
        if (_row.Fault is nameof(WireFault.ConnectSilence) or nameof(WireFault.TlsSilence))
        {
            // The handler uses real time, so its timeout is shortened. If Core sets none, there is still none.
            handler.ConnectTimeout = _isVault ? TimeSpan.FromMilliseconds(500)
                : handler.ConnectTimeout == Timeout.InfiniteTimeSpan ? handler.ConnectTimeout : handler.ConnectTimeout / 5;
        }

        if (_isVault)
        {
            builder.Services.AddSingleton(new KeyVaultTransport(handler));
            return;
        }

        builder.Services.AddSingleton(handler);
        if (_wire.IsTls)
        {
            builder.Configuration["Juspay:BaseUrl"] = $"https://juspay.test:{new Uri(simulation.Juspay!.BaseUrl).Port}";
        }
    }

    private void Strike(Simulation simulation)
    {
        if (_row.Place is Place.KeyVaultAfterRotation)
        {
            simulation.RotateKey();
        }
        else if (_row.Place is Place.Look)
        {
            simulation.Juspay!.Put(simulation.Juspay.Wallets.Single(wallet => wallet.Id == TestHost.Paytm) with { Linked = false });
            simulation.Juspay.AlreadyUnlinked = AlreadyUnlinkedAnswer.InvalidAction;
        }

        if (!FaultMatrix.Answers.TryGetValue(_row.Fault, out var answer))
        {
            _wire.Add(Enum.Parse<WireFault>(_row.Fault), _times, onReuse: _row.Place is Place.ReusedConnection);
            return;
        }

        simulation.Faults.Add(answer with
        {
            Count = _times,
            Method = _row.Place is Place.Look ? "GET" : null,
            Moment = _row.Place is Place.JuspayAfter ? FaultMoment.After : FaultMoment.Before,
            Target = _row.Place switch
            {
                Place.Identity => FaultTarget.Identity,
                Place.KeyVault or Place.KeyVaultAfterRotation => FaultTarget.KeyVault,
                _ => FaultTarget.Juspay,
            },
        });
    }

    /// <summary>Calls, and advances the clock by the duration of each silence and of each requested wait.</summary>
    private async Task<Answer> CallAsync()
    {
        var (silences, waits) = (0, Host.Time.TimersOf(AskedWait));
        var call = Host.DelinkAsync();
        await TestHost.WaitUntilAsync(() =>
        {
            if (Host.Simulation.Faults.Silenced + _wire.Silences > silences)
            {
                // The first read times out first. The client that reads after it has the rest of the time.
                Host.Time.Advance((_isFirstRead, silences) switch
                {
                    (true, 0) => FirstRead.Limit,
                    (true, _) => _timeout - FirstRead.Limit,
                    _ => _timeout,
                });
                silences++;
            }

            if (Host.Time.TimersOf(AskedWait) > waits)
            {
                waits++;
                Host.Time.Advance(AskedWait);
            }

            return call.IsCompleted;
        });
        return await call;
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>The run of one cell.</summary>
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
        _wire = new Wire(_isFirstRead ? KeyVaultReader.FirstReadTimeout : _timeout, isTls: !_isVault && row.Fault.StartsWith("Tls", StringComparison.Ordinal));
    }

    private TestHost Host => _host!;

    /// <summary>Causes the three cells of a row.</summary>
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
            // Refuses the connection of the warm-up, so that the delink has to open one.
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
            // The key is in memory and, unless the fault is about connecting, a connection is open.
            await (row.Place is Place.WayToJuspay ? happening.Host.GetAsync("/health/ready") : happening.Host.DelinkAsync(TestHost.Mobikwik));
            await TestHost.WaitUntilAsync(() => happening._wire.IsThrough);
            happening.Strike(happening.Host.Simulation);
        }

        return happening;
    }

    /// <summary>Calls during the fault, checks the promise, and calls again after the fault.</summary>
    private async Task<Cell> SeeAsync()
    {
        var answer = await CallAsync();
        var waited = Host.Time.GetElapsedTime(_startedAt);
        var isLinked = Host.IsLinked(TestHost.Paytm);
        var calls = Host.Juspay.Requests.Count(request => request.Path.EndsWith(TestHost.Paytm, StringComparison.Ordinal));
        Assert.Null(Promise.Broken(answer.Status, answer.IsRetryable, wasLinked: _row.Place is not Place.WalletRead, isLinked));

        Host.Simulation.Faults.Clear();
        _wire.Clear();
        Host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await Host.DelinkAsync()).Status);
        Assert.False(Host.IsLinked(TestHost.Paytm));
        Assert.NotEmpty(Host.Transcript.Logs);
        return new Cell(answer.Status is 200 ? "delinked" : answer.Code!, calls, isLinked, waited.TotalSeconds);
    }

    /// <summary>Puts the wire before the server that the row is about.</summary>
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
            // The handler uses the real clock, so its limit is made short. If Core set no limit, none is set here.
            handler.ConnectTimeout = _isVault ? TimeSpan.FromMilliseconds(500)
                : handler.ConnectTimeout == Timeout.InfiniteTimeSpan ? handler.ConnectTimeout : handler.ConnectTimeout / 5;
        }

        if (_isVault)
        {
            builder.Services.AddSingleton(new KeyVaultHandler(handler));
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
        else if (_row.Place is Place.WalletRead)
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
            Method = _row.Place is Place.WalletRead ? "GET" : null,
            Moment = _row.Place is Place.JuspayAfter ? FaultMoment.After : FaultMoment.Before,
            Target = _row.Place switch
            {
                Place.Identity => FaultTarget.Identity,
                Place.KeyVault or Place.KeyVaultAfterRotation => FaultTarget.KeyVault,
                _ => FaultTarget.Juspay,
            },
        });
    }

    /// <summary>Calls, and advances the clock by each silence and each requested wait.</summary>
    private async Task<Answer> CallAsync()
    {
        var (silences, waits) = (0, Host.Time.TimersOf(AskedWait));
        var call = Host.DelinkAsync();
        await TestHost.WaitUntilAsync(() =>
        {
            if (Host.Simulation.Faults.Silenced + _wire.Silences > silences)
            {
                // The first read times out before the client that reads after it, which has the rest of the time.
                Host.Time.Advance((_isFirstRead, silences) switch
                {
                    (true, 0) => KeyVaultReader.FirstReadTimeout,
                    (true, _) => _timeout - KeyVaultReader.FirstReadTimeout,
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

using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// Starts the hosts for a class of tests. Tests that run against both hosts are in an abstract class that receives an instance of this class. One derived class
/// exists for each host.
/// </summary>
public abstract class Hosts
{
    /// <param name="settings">As the local host takes them from its command line.</param>
    /// <param name="prepare">Changes the simulation before the host starts.</param>
    /// <param name="fresh">Whether the test needs its own host, because it counts from the start or would disturb the next test.</param>
    internal abstract Task<HostUnderTest> StartAsync(string[]? settings = null, Action<Simulation>? prepare = null, bool fresh = false);
}

/// <summary>A local host for each test.</summary>
public sealed class LocalHosts : Hosts
{
    internal override async Task<HostUnderTest> StartAsync(string[]? settings = null, Action<Simulation>? prepare = null, bool fresh = false) =>
        await TestHost.StartAsync(settings, prepare);
}

/// <summary>Functions apps. Each is a process, so tests of a class that need the same settings share one.</summary>
public sealed class FunctionsHosts : Hosts, IAsyncLifetime
{
    private readonly Dictionary<string, FunctionsTestHost> _shared = new(StringComparer.Ordinal);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in _shared.Values)
        {
            await host.EndAsync();
        }
    }

    internal override async Task<HostUnderTest> StartAsync(string[]? settings = null, Action<Simulation>? prepare = null, bool fresh = false)
    {
        if (fresh || prepare is not null)
        {
            return await FunctionsTestHost.StartAsync(settings, prepare);
        }

        var name = string.Join(' ', settings ?? []);
        if (!_shared.TryGetValue(name, out var host))
        {
            _shared[name] = host = await FunctionsTestHost.StartAsync(settings, isShared: true);
        }

        host.StartAnew();
        return host;
    }
}

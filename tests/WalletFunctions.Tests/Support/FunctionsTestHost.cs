using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// The published Functions app in its worker process, behind a Functions host, with the machine's clock. The worker runs the deployed code unchanged;
/// <see cref="WayToVault"/> makes it reach the simulated vault.
/// </summary>
internal sealed class FunctionsTestHost : HostUnderTest
{
    private static readonly Lazy<Task<PublishedApp>> App = new(() => PublishedApp.PublishAsync(
        Repository.Root(), "src/WalletFunctions",
        [
            "src/WalletFunctions.Core", "src/WalletFunctions.Telemetry", "src/Directory.Build.props", "src/BannedSymbols.txt", "Directory.Build.props",
            "Directory.Packages.props", "global.json", "host.json",
        ]));

    private readonly FunctionsHost _host;
    private readonly WayToVault _wayToVault;
    private readonly bool _isShared;

    private FunctionsTestHost(FunctionsHost host, Simulation simulation, Transcript transcript, WayToVault wayToVault, bool isShared)
        : base(simulation, host.BaseAddress, transcript)
    {
        _host = host;
        _wayToVault = wayToVault;
        _isShared = isShared;
    }

    public FunctionsHost Host => _host;

    public override DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Publishes the app once.</summary>
    /// <exception cref="SkipException">The package feeds lack the worker's packages.</exception>
    public static async Task<PublishedApp> PublishAsync()
    {
        string why;
        try
        {
            return await App.Value;
        }
        catch (PublishedApp.PackagesMissingException missing)
        {
            why = missing.Message;
        }

        throw new SkipException(why);
    }

    /// <param name="settings">As the local host takes them from its command line: function keys are for the host, all others for the worker.</param>
    /// <param name="prepare">Changes the simulation before the worker starts.</param>
    /// <param name="isShared">Whether other tests use it too; then disposing of it does not end it.</param>
    /// <exception cref="SkipException">The package feeds lack the worker's packages.</exception>
    /// <exception cref="WorkerEndedException">The worker's process ended.</exception>
    public static async Task<FunctionsTestHost> StartAsync(string[]? settings = null, Action<Simulation>? prepare = null, bool isShared = false)
    {
        var app = await PublishAsync();
        var configuration = new ConfigurationManager();
        configuration.AddCommandLine(settings ?? []);
        var simulation = await Simulation.StartAsync(configuration, new ServiceCollection());
        prepare?.Invoke(simulation);
        var wayToVault = new WayToVault(simulation.KeyVault!);
        var transcript = new Transcript();
        try
        {
            var host = await FunctionsHost.StartAsync(
                app, [.. Environment(configuration), .. wayToVault.Environment], new FunctionKeys(configuration).All,
                line => transcript.AddLog(line.Level, line.Category, line.Message));
            return new FunctionsTestHost(host, simulation, transcript, wayToVault, isShared);
        }
        catch
        {
            wayToVault.Dispose();
            await simulation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Resets the simulators for the next test of a shared host. The worker keeps the secrets that it holds.</summary>
    public void StartAnew()
    {
        Simulation.Reset();
        Transcript.Clear();
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isShared)
        {
            await EndAsync();
        }

        AssertLeaksNothing();
    }

    /// <summary>Ends the host and its worker.</summary>
    public async Task EndAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
        _wayToVault.Dispose();
        await Simulation.DisposeAsync();
    }

    /// <summary>Returns the settings as environment variables. Removes variables of this process that would export telemetry.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Environment(ConfigurationManager configuration) =>
    [
        new("APPLICATIONINSIGHTS_CONNECTION_STRING", null),
        new("OTEL_EXPORTER_OTLP_ENDPOINT", null),
        .. configuration.AsEnumerable()
            .Where(setting => setting.Value is not null && !setting.Key.StartsWith("LocalHost:", StringComparison.OrdinalIgnoreCase))
            .Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
    ];
}

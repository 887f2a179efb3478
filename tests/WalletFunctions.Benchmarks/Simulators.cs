using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.Benchmarks;

/// <summary>Simulates Juspay, Key Vault and the identity endpoint in a separate process, behind connections with latency.</summary>
internal sealed class Simulators : IDisposable
{
    public const string WalletId = "wlm_vNb87tTUvbb86bD";

    private const string JuspayHost = "api.juspay.localhost";
    private const string ApiKey = "benchmark0123456789ABCDEF";

    private readonly Process _process;

    private Simulators(Process process, Dictionary<string, string> environment)
    {
        _process = process;
        Environment = environment;
    }

    /// <summary>The environment variables with which a program reaches the simulators.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>Starts the process.</summary>
    /// <param name="roundTrip">The round-trip time of its wire.</param>
    /// <param name="juspayTime">How long Juspay takes for a delink, in addition to the round trip.</param>
    public static async Task<Simulators> StartAsync(TimeSpan roundTrip, TimeSpan juspayTime = default)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false, RedirectStandardInput = true };
        foreach (var argument in new[] { typeof(Simulators).Assembly.Location, "simulators", Milliseconds(roundTrip), Milliseconds(juspayTime) })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await process.StandardOutput.ReadLineAsync() is { Length: > 0 } line)
        {
            environment[line[..line.IndexOf('=', StringComparison.Ordinal)]] = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }

        return new Simulators(process, environment);

        static string Milliseconds(TimeSpan time) => ((int)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Returns the number of reads of secrets and of connections that Juspay has accepted since the process started.</summary>
    public async Task<(int VaultReads, int JuspayConnections)> CountAsync()
    {
        await _process.StandardInput.WriteLineAsync("count");
        var counts = (await _process.StandardOutput.ReadLineAsync())!.Split(' ');
        return (int.Parse(counts[0], CultureInfo.InvariantCulture), int.Parse(counts[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    /// <summary>Runs the process: prints the environment variables, then answers each line that it reads with the counts.</summary>
    public static async Task<int> RunAsync(TimeSpan roundTrip, TimeSpan juspayTime)
    {
        var faults = new FaultQueue();
        if (juspayTime > TimeSpan.Zero)
        {
            var slow = new Fault { DelayMs = (int)juspayTime.TotalMilliseconds };
            faults.Otherwise = (target, _) => target is FaultTarget.Juspay ? slow : null;
        }

        await using var vault = new SimulatedKeyVault(faults);
        await using var juspay = new SimulatedJuspay(faults) { Remembered = 100 };
        await vault.StartAsync();
        await juspay.StartAsync(vault.Certificate);
        vault.Store("juspay-api-key", ApiKey);
        juspay.Accept(ApiKey);
        using var juspayWire = new Wire(juspay.Port, roundTrip);
        using var vaultWire = new Wire(vault.Port, roundTrip);
        using var identityWire = new Wire(vault.IdentityPort, roundTrip);

        Console.WriteLine($"BENCHMARK_PORTS={JuspayHost}={juspayWire.Port};{SimulatedKeyVault.Host}={vaultWire.Port};{SimulatedKeyVault.IdentityHost}={identityWire.Port}");
        Console.WriteLine($"BENCHMARK_CERTIFICATE={vault.Certificate.GetCertHashString()}");
        Console.WriteLine($"BENCHMARK_KEY={ApiKey}");
        Console.WriteLine($"Juspay__BaseUrl=https://{JuspayHost}");
        Console.WriteLine($"KeyVault__Uri=https://{SimulatedKeyVault.Host}");
        Console.WriteLine($"AZURE_CLIENT_ID={vault.ClientId}");
        Console.WriteLine($"IDENTITY_ENDPOINT={System.Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT")}");
        Console.WriteLine($"IDENTITY_HEADER={System.Environment.GetEnvironmentVariable("IDENTITY_HEADER")}");
        Console.WriteLine();
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{vault.Reads} {juspayWire.Connections}"));
        }

        return 0;
    }
}

/// <summary>
/// A connection with latency to a loopback port. Opening it takes a round trip, which is added before the first byte, because the
/// kernel opens it at once. Then every byte takes half a round trip.
/// </summary>
internal sealed class Wire : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly TimeSpan _roundTrip;
    private int _connections;

    public Wire(int target, TimeSpan roundTrip)
    {
        _target = target;
        _roundTrip = roundTrip;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Connections => _connections;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptAsync();
            Interlocked.Increment(ref _connections);
            _ = CarryAsync(near, TimeProvider.System.GetTimestamp());
        }
    }

    private async Task CarryAsync(Socket near, long openedAt)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            near.NoDelay = far.NoDelay = true;
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAll(CarryAsync(near, far, openedAt), CarryAsync(far, near, openedAt));
        }
    }

    private async Task CarryAsync(Socket from, Socket to, long openedAt)
    {
        var underWay = System.Threading.Channels.Channel.CreateUnbounded<(byte[] Bytes, long Due)>();
        var delivering = DeliverAsync();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                var sentAt = TimeProvider.System.GetTimestamp();
                var opened = openedAt + Ticks(_roundTrip);
                underWay.Writer.TryWrite((buffer[..read], Math.Max(sentAt, opened) + Ticks(_roundTrip / 2)));
            }
        }
        catch (SocketException)
        {
            // The other side has closed the connection.
        }

        underWay.Writer.Complete();
        await delivering;

        async Task DeliverAsync()
        {
            try
            {
                await foreach (var (bytes, due) in underWay.Reader.ReadAllAsync())
                {
                    var wait = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due);
                    if (wait > TimeSpan.Zero)
                    {
                        await Task.Delay(wait);
                    }

                    await to.SendAsync(bytes);
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The other side has closed the connection.
            }
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Faults;

namespace WalletFunctions.Benchmarks;

/// <summary>
/// Runs the product with its simulators in one process, over real HTTP, for minutes: many callers, faults, rotations and an outage of Key Vault
/// at the same time. Each caller links its own wallet, delinks it through the product, and compares the answer with Juspay's state.
/// </summary>
internal sealed class Soak : IDisposable
{
    private const int Callers = 64;
    private const double FaultRate = 0.1;

    private static readonly TimeSpan BetweenRotations = TimeSpan.FromSeconds(10);

    private static readonly Fault[] Faults =
    [
        new() { Status = 500 },
        new() { Status = 502, Moment = FaultMoment.After },
        new() { Status = 503 },
        new() { Status = 504, Moment = FaultMoment.After },
        new() { Status = 408 },
        new() { Status = 409 },
        new() { Status = 429 },
        new() { Status = 302 },
        new() { Reset = true },
        new() { Reset = true, Moment = FaultMoment.After },
        new() { ResetAfterBytes = 20 },
        new() { DelayMs = -1 },
        new() { DelayMs = -1, Moment = FaultMoment.After },
        new() { DelayMs = 100 },
        new() { Status = 200, Body = "<html>Welcome</html>" },
        new() { Status = 200, GarbageBytes = 400_000 },
        new() { Status = 200, Body = "{}", PadToBytes = 1_000_000, Gzip = true },
    ];

    private readonly ConcurrentDictionary<string, bool> _struck = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _broken = [];
    private readonly Simulation _simulation;
    private readonly HttpClient _client;
    private long _calls;
    private long _requests;
    private long _undisturbed;
    private long _undisturbedDone;
    private int _rotations;

    private Soak(LocalHostApp app)
    {
        _simulation = app.Simulation;
        _client = new HttpClient { BaseAddress = app.BaseAddress };
        _client.DefaultRequestHeaders.Add("x-functions-key", "local-key");
    }

    /// <summary>Runs for the given time, prints the figures, and returns 0 after success.</summary>
    public static async Task<int> RunAsync(TimeSpan duration)
    {
        await using var app = await LocalHostApp.StartAsync(
            ["--urls", "http://127.0.0.1:0", "--Juspay:AttemptTimeout=00:00:01", "--Juspay:TotalTimeout=00:00:04", "--KeyVault:RefreshInterval=00:01:00"],
            (_, builder) => builder.Logging.ClearProviders());
        using var soak = new Soak(app);
        return await soak.GoOnAsync(duration);
    }

    public void Dispose() => _client.Dispose();

    private async Task<int> GoOnAsync(TimeSpan duration)
    {
        // The memory of the simulators is not the product's.
        _simulation.Juspay!.Remembered = 100;
        var chance = new Random(1);
        _simulation.Faults.Otherwise = (target, request) =>
        {
            if (target is not FaultTarget.Juspay)
            {
                return null;
            }

            Interlocked.Increment(ref _requests);
            if (chance.NextDouble() >= FaultRate)
            {
                return null;
            }

            _struck[request.Path] = true;
            return Faults[chance.Next(Faults.Length)];
        };

        Console.WriteLine($"soak: {duration.TotalSeconds:0} s, {Callers} callers, {FaultRate:P0} faults, {Environment.ProcessorCount} cores, .NET {Environment.Version}");
        var clock = Stopwatch.StartNew();
        using var end = new CancellationTokenSource();
        var operating = OperateAsync(duration, end.Token);
        var heapAtStart = await CallAsync(duration / 4, clock);
        var heapAtEnd = await CallAsync(duration * 3 / 4, clock);
        await end.CancelAsync();
        await operating;
        return Report(clock.Elapsed, (double)heapAtEnd / heapAtStart);
    }

    /// <summary>Runs all callers for the given time.</summary>
    /// <returns>The heap, in bytes, when the last of them has its answer.</returns>
    private async Task<long> CallAsync(TimeSpan duration, Stopwatch clock)
    {
        using var end = new CancellationTokenSource(duration);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(number => CallAsync(number, end.Token)));
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine($"{clock.Elapsed.TotalSeconds,5:0} s  heap {Mb(heap)}, working set {Mb(Environment.WorkingSet)}, {Sockets()} sockets, {_calls} calls");
        return heap;
    }

    private int Report(TimeSpan elapsed, double growth)
    {
        Console.WriteLine();
        Console.WriteLine("| outcome | calls |");
        Console.WriteLine("|---|---:|");
        foreach (var (outcome, calls) in _outcomes.OrderByDescending(pair => pair.Value))
        {
            Console.WriteLine($"| {outcome} | {calls} |");
        }

        Console.WriteLine();
        Console.WriteLine($"calls {_calls} ({_calls / elapsed.TotalSeconds:0}/s), requests to Juspay {_requests}, of them {_requests - _calls} repeats or look-ups");
        Console.WriteLine($"calls without a fault {_undisturbed}, {_undisturbedDone} of them delinked");
        Console.WriteLine($"key rotations {_rotations}, Key Vault reads {_simulation.KeyVault!.Reads}");
        foreach (var broken in _broken.Take(10))
        {
            Console.WriteLine($"BROKEN {broken}");
        }

        var share = 100.0 * _undisturbedDone / _undisturbed;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"soak fault-free-success-percent {share:0.####} broken-promises {_broken.Count} heap-ratio {growth:0.00}"));
        return _undisturbedDone == _undisturbed && _broken.IsEmpty && growth <= 1.1 ? 0 : 1;
    }

    /// <summary>One caller: links its wallet directly at Juspay, delinks it through the product, and checks that the answer is true.</summary>
    private async Task CallAsync(int number, CancellationToken end)
    {
        var wallet = new SimulatedWallet($"wlm_soak{number:D8}", $"customer_{number}", number % 2 is 0 ? "PAYTM" : "MOBIKWIK", Linked: true);
        var path = "/wallets/" + wallet.Id;
        while (!end.IsCancellationRequested)
        {
            _simulation.Juspay!.Put(wallet);
            _struck[path] = false;
            var (status, code, isRetryable) = await DelinkAsync(path, wallet.CustomerId);
            var isLinked = _simulation.Juspay.IsLinked(wallet.Id);
            Interlocked.Increment(ref _calls);
            _outcomes.AddOrUpdate(code, 1, (_, count) => count + 1);
            if (Promise.Broken(status, isRetryable, wasLinked: true, isLinked) is { } broken)
            {
                _broken.Add($"{code}: {broken}");
            }

            if (!_struck[path])
            {
                Interlocked.Increment(ref _undisturbed);
                Interlocked.Add(ref _undisturbedDone, status is 200 ? 1 : 0);
            }
        }
    }

    private async Task<(int Status, string Code, bool IsRetryable)> DelinkAsync(string path, string routingId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("x-routing-id", routingId);
        request.Content = new ByteArrayContent("command=delink"u8.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        using var response = await _client.SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return response.IsSuccessStatusCode
            ? ((int)response.StatusCode, "delinked", false)
            : ((int)response.StatusCode, body.RootElement.GetProperty("code").GetString()!, body.RootElement.GetProperty("retryable").GetBoolean());
    }

    /// <summary>Rotates the key, and stops Key Vault for a sixth of the time, during which no new key is stored.</summary>
    private async Task OperateAsync(TimeSpan duration, CancellationToken end)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await Task.Delay(BetweenRotations, end);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var isOut = clock.Elapsed > duration / 2 && clock.Elapsed < duration * 4 / 6;
            _simulation.Faults.Clear();
            if (isOut)
            {
                Console.WriteLine($"{clock.Elapsed.TotalSeconds,5:0} s  Key Vault is out for 10 s");
                _simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Status = 503, Count = Fault.MaxCount });
            }
            else
            {
                _simulation.RotateKey();
                _rotations++;
            }
        }
    }

    /// <summary>The open sockets of this process; -1 if the system does not show them.</summary>
    private static int Sockets() => Directory.Exists("/proc/self/fd")
        ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget?.Contains("socket:", StringComparison.Ordinal) is true)
        : -1;

    private static string Mb(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_048_576.0:0.0} MB");
}

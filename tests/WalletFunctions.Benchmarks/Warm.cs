using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;

namespace WalletFunctions.Benchmarks;

/// <summary>
/// Measures a warm delink. Each caller pauses between its calls, so that the call is measured and not the queue of a saturated
/// machine. The variants take turns, so that other work of the machine affects all of them equally.
/// </summary>
internal static class Warm
{
    private const int Rounds = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly int[] Callers = [1, 16, 64];

    public static async Task<int> RunAsync(int callsPerCaller)
    {
        var program = await Programs.PublishAsync();
        using var simulators = await Simulators.StartAsync(TimeSpan.Zero);
        foreach (var (name, value) in simulators.Environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        await using var core = CoreAlone();
        var endpoint = core.Services.GetRequiredService<WalletEndpoint>();
        using var juspay = new HttpClient(Elsewhere.Redirect(JuspayClient.CreateHandler()));
        using var near = new HttpClient();
        await using var ours = new Child(program, "ours", simulators, near);
        await using var proxy = new Child(program, "proxy", simulators, near);
        await using var naive = new Child(program, "naive", simulators, near);
        Way[] ways =
        [
            new("direct", () => SendAsync(juspay, Elsewhere.JuspayBaseUrl, authorize: true), Child: null),
            new("ours, Core alone", () => DelinkAsync(endpoint), Child: null),
            new("ours, behind Kestrel", ours.CallAsync, ours),
            new("reverse proxy", proxy.CallAsync, proxy),
            new("naive", naive.CallAsync, naive),
        ];
        foreach (var way in ways)
        {
            await CallAsync(way, callers: 16, calls: way.Name is "naive" ? 160 : 2000, pause: TimeSpan.Zero);
        }

        return await ReportAsync(ways, await MeasureAsync(ways, callsPerCaller), callsPerCaller);
    }

    private static async Task<Dictionary<(string Way, int Callers), Figures>> MeasureAsync(Way[] ways, int callsPerCaller)
    {
        var figures = new Dictionary<(string, int), Figures>();
        foreach (var callers in Callers)
        {
            var samples = ways.ToDictionary(way => way, _ => new List<Sample>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var way in ways)
                {
                    samples[way].Add(await CallAsync(way, callers, callers * callsPerCaller, Pause));
                }
            }

            foreach (var (way, of) in samples)
            {
                figures[(way.Name, callers)] = new Figures(
                    Results.Median(of.Select(sample => Results.Percentile(sample.Milliseconds, 50))),
                    Results.Median(of.Select(sample => Results.Percentile(sample.Milliseconds, 99))),
                    Results.Median(of.Select(sample => sample.CpuMicroseconds)),
                    Results.Median(of.Select(sample => sample.Bytes)));
            }
        }

        return figures;
    }

    private static async Task<int> ReportAsync(Way[] ways, Dictionary<(string Way, int Callers), Figures> figures, int callsPerCaller)
    {
        var rows = Callers.SelectMany(callers => ways.Select(way => (IReadOnlyList<string>)
        [
            way.Name,
            Results.Number(callers),
            Results.Number(figures[(way.Name, callers)].P50, "0.00"),
            Results.Number(Added(way.Name, callers), "+0.00;-0.00;0.00"),
            Results.Number(figures[(way.Name, callers)].P99, "0.0"),
            Results.Number(figures[(way.Name, callers)].CpuMicroseconds),
            Results.Number(figures[(way.Name, callers)].Bytes / 1024, "0.0"),
        ]));
        Results.Bars("warm", "A warm delink, p50, ms", [.. Callers.Select(callers => $"{callers} callers")],
            [.. ways.Select(way => (way.Name, (IReadOnlyList<double>)[.. Callers.Select(callers => figures[(way.Name, callers)].P50)]))]);
        await Results.WriteAsync("warm", $"""
            Medians of {Rounds} rounds, in which the ways take turns. In each round every caller makes {callsPerCaller} calls and pauses {Pause.TotalMilliseconds} ms before each. CPU time and
            allocations are those of the measuring process for the first two ways, and those of the separate process for the others.

            {Results.Table(["way", "callers", "p50 ms", "beyond direct", "p99 ms", "CPU µs a call", "KB allocated a call"], rows)}
            """);
        var (kestrel, core, direct, naive) = (Of("ours, behind Kestrel"), Of("ours, Core alone"), Of("direct"), Of("naive"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"warm at 16 callers: behind-kestrel-added-p50-ms {kestrel.P50 - direct.P50:0.00} cpu-ours/naive {kestrel.CpuMicroseconds / naive.CpuMicroseconds:0.00} ")
            + string.Create(CultureInfo.InvariantCulture, $"core-added-kb {(core.Bytes - direct.Bytes) / 1024:0.0} added-p50-ms {core.P50 - direct.P50:0.00}"));
        return 0;

        double Added(string way, int callers) => figures[(way, callers)].P50 - figures[("direct", callers)].P50;

        Figures Of(string way) => figures[(way, 16)];
    }

    /// <summary>Core as a host builds it, called without a server. Its log lines are formatted and dropped.</summary>
    internal static WebApplication CoreAlone()
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", "--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders().AddProvider(new FormattingLog());
        builder.Services.AddSingleton(new KeyVaultHandler(Elsewhere.Redirect(new SocketsHttpHandler())));
        builder.Services.AddSingleton(Elsewhere.Redirect(JuspayClient.CreateHandler()));
        builder.Services.AddWalletFunctions(builder.Configuration);
        return builder.Build();
    }

    internal static async Task DelinkAsync(WalletEndpoint endpoint)
    {
        var request = new IncomingRequest
        {
            Header = name => name switch
            {
                "x-routing-id" => ["customer_1122"],
                "Content-Type" => ["application/x-www-form-urlencoded"],
                "Content-Length" => ["14"],
                _ => [],
            },
            Body = new MemoryStream("command=delink"u8.ToArray()),
            CallerKeyName = "default",
        };
        var answer = await endpoint.HandleAsync(Simulators.WalletId, request, CancellationToken.None);
        if (answer.Status is not 200)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(answer.Body.Span));
        }
    }

    internal static async Task SendAsync(HttpClient client, string baseUrl, bool authorize)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{baseUrl}/wallets/{Simulators.WalletId}");
        if (authorize)
        {
            request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        }

        request.Headers.TryAddWithoutValidation("x-functions-key", "local-key");
        request.Headers.TryAddWithoutValidation("x-routing-id", "customer_1122");
        request.Content = new ByteArrayContent("command=delink"u8.ToArray());
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
    }

    private static string Authorization
    {
        get => field ??= "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(Elsewhere.Variable("BENCHMARK_KEY") + ":"));
    }

    private static async Task<Sample> CallAsync(Way way, int callers, int calls, TimeSpan pause)
    {
        var before = await CountAsync(way.Child);
        var perCaller = Math.Max(1, calls / callers);
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var mine = new double[perCaller];
            for (var i = 0; i < perCaller; i++)
            {
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause);
                }

                var startedAt = Stopwatch.GetTimestamp();
                await way.CallAsync();
                mine[i] = Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
            }

            return mine;
        })));
        var after = await CountAsync(way.Child);
        var all = times.SelectMany(mine => mine).ToArray();
        return new Sample(all, (after.Cpu - before.Cpu).TotalMicroseconds / all.Length, (double)(after.Bytes - before.Bytes) / all.Length);
    }

    private static async Task<(TimeSpan Cpu, long Bytes)> CountAsync(Child? child) =>
        child is null ? (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true)) : await child.CountAsync();

    private sealed record Way(string Name, Func<Task> CallAsync, Child? Child);

    private sealed record Figures(double P50, double P99, double CpuMicroseconds, double Bytes);

    private sealed record Sample(double[] Milliseconds, double CpuMicroseconds, double Bytes);

    private sealed class Child(string program, string mode, Simulators simulators, HttpClient client) : IAsyncDisposable
    {
        private readonly (Process Process, int Port) _child = Programs.Start(program, mode, simulators);

        private string BaseUrl => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_child.Port}");

        public async Task CallAsync() => await SendAsync(client, BaseUrl, authorize: false);

        public async Task<(TimeSpan Cpu, long Bytes)> CountAsync()
        {
            while (true)
            {
                try
                {
                    var said = await client.GetStringAsync(new Uri(BaseUrl + "/runtime"));
                    _child.Process.Refresh();
                    return (_child.Process.TotalProcessorTime, long.Parse(said.Split(' ')[0], CultureInfo.InvariantCulture));
                }
                catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                {
                    await Task.Delay(20);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _child.Process.Kill();
            await _child.Process.WaitForExitAsync();
            _child.Process.Dispose();
        }
    }

    /// <summary>Formats each line, as every real log does.</summary>
    private sealed class FormattingLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            formatter(state, exception);

        public void Dispose()
        {
        }
    }
}

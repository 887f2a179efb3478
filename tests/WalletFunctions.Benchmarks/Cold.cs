using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WalletFunctions.Benchmarks;

/// <summary>Processes started fresh, each asked at once and until it answers: how long from its start to the first 200?</summary>
internal static class Cold
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Contender[] Contenders =
    [
        new("empty", "empty", ReadyToRun: true),
        new("raw", "raw", ReadyToRun: true),
        new("Azure clients", "azure-clients", ReadyToRun: true),
        new("ours", "ours", ReadyToRun: true),
        new("ours, not ReadyToRun", "ours", ReadyToRun: false),
        new("naive", "naive", ReadyToRun: true),
    ];

    public static async Task<int> RunAsync(int runs)
    {
        var readyToRun = await Programs.PublishAsync(readyToRun: true);
        var il = await Programs.PublishAsync(readyToRun: false);
        int[] roundTrips = [0, 40];
        var medians = new Dictionary<(string, int), double>();
        var rows = new List<string[]>();
        foreach (var roundTrip in roundTrips)
        {
            using var simulators = await Simulators.StartAsync(TimeSpan.FromMilliseconds(roundTrip));
            var times = Contenders.ToDictionary(contender => contender, _ => new List<(double Milliseconds, long Memory)>());
            // Round by round, so that whatever else the machine does hits all alike; the first round fills the caches of the disk.
            for (var run = 0; run <= runs; run++)
            {
                foreach (var contender in Contenders)
                {
                    var time = await MeasureAsync(contender.ReadyToRun ? readyToRun : il, contender.Mode, simulators);
                    if (run > 0)
                    {
                        times[contender].Add(time);
                    }
                }
            }

            var raw = Results.Median(times[Contenders[1]].Select(time => time.Milliseconds));
            foreach (var contender in Contenders)
            {
                var milliseconds = times[contender].Select(time => time.Milliseconds).ToArray();
                var median = medians[(contender.Name, roundTrip)] = Results.Median(milliseconds);
                rows.Add(
                [
                    contender.Name,
                    Results.Number(roundTrip),
                    Results.Number(median),
                    Results.Number(milliseconds.Min()),
                    Results.Number(Results.Percentile(milliseconds, 90)),
                    Results.Number(median / raw, "0.00"),
                    Results.Number(median - raw, "+0;-0;0"),
                    Results.Number(Results.Median(times[contender].Select(time => time.Memory / 1_048_576.0))),
                ]);
            }
        }

        Results.Bars(
            "cold",
            "From the start of the process to the first 200, median, ms",
            [.. roundTrips.Select(time => $"round trip {time} ms")],
            [.. Contenders.Select(contender => (contender.Name, (IReadOnlyList<double>)[.. roundTrips.Select(time => medians[(contender.Name, time)])]))]);
        var ratio = medians[("ours", 0)] / medians[("raw", 0)];
        await Results.WriteAsync("cold", $"""
            {runs} starts of each, in turns.

            {Results.Table(["program", "round trip ms", "median ms", "least", "p90", "to raw", "beyond raw ms", "memory MB"], rows)}
            """);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"cold ours-raw-ms-at-40 {medians[("ours", 40)] - medians[("raw", 40)]:0} ours/naive {medians[("ours", 0)] / medians[("naive", 0)]:0.00} ours/raw {ratio:0.00}"));
        return 0;
    }

    private static async Task<(double Milliseconds, long Memory)> MeasureAsync(string program, string mode, Simulators simulators)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var (process, port) = Programs.Start(program, mode, simulators);
        try
        {
            var request = mode is "empty"
                ? "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
                : $"POST /wallets/{Simulators.WalletId} HTTP/1.1\r\nHost: localhost\r\nx-functions-key: local-key\r\nx-routing-id: customer_1122\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\ncommand=delink";
            using var socket = await ConnectAsync(port, process);
            await socket.SendAsync(Encoding.ASCII.GetBytes(request));
            var answer = new byte[4096];
            using var limit = new CancellationTokenSource(Patience);
            var length = await socket.ReceiveAsync(answer, limit.Token);
            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            var text = Encoding.ASCII.GetString(answer, 0, length);
            if (!text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{mode} answered: {text}");
            }

            process.Refresh();
            return (elapsed.TotalMilliseconds, process.WorkingSet64);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private static async Task<Socket> ConnectAsync(int port, Process process)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return socket;
            }
            catch (SocketException) when (!process.HasExited)
            {
                socket.Dispose();
                await Task.Delay(1);
            }
        }
    }

    private sealed record Contender(string Name, string Mode, bool ReadyToRun);
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace WalletFunctions.Benchmarks;

/// <summary>
/// Calculates Flex Consumption: a burst from 0 to 1,000 requests a second in 10 s, then 50 s at that rate. The scale controller's rules are not published, so the
/// assumptions are few and are named in the result.
/// </summary>
internal static partial class Scale
{
    private const int PeakRate = 1000;
    private const int RampSeconds = 10;
    private const int Seconds = 60;
    private const int StepsPerSecond = 20;
    private const int MaxInstances = 40;
    private const double CallSeconds = 0.25;
    private const int NewPerSecond = 10;
    private const int VaultRequestsPerStart = 1;

    // An instance with a quarter of a core starts more slowly than one with a whole core.
    private const double StartSecondsOfSmall = 5;
    private const double StartSecondsOfLarge = 2;

    [GeneratedRegex(
        @"^  (?<name>\w+): \{ memoryMB: (?<memory>\d+), alwaysReady: (?<ready>\d+), concurrency: (?<concurrency>\d+) \}", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SizingInBicep { get; }

    /// <summary>The sizes in <c>infra/sizes.bicep</c>.</summary>
    private static Sizing[] ReadSizings() =>
    [
        .. SizingInBicep.Matches(File.ReadAllText(Path.Combine(Results.Root, "infra", "sizes.bicep"))).Select(sizing =>
        {
            var memory = Number(sizing, "memory");
            return new Sizing(
                sizing.Groups["name"].Value, memory / 1024.0, Number(sizing, "ready"), Number(sizing, "concurrency"), memory < 2048 ? StartSecondsOfSmall : StartSecondsOfLarge);
        }),
    ];

    private static int Number(Match sizing, string group) => int.Parse(sizing.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    public static async Task<int> RunAsync()
    {
        var runs = ReadSizings().Select(sizing => (Sizing: sizing, Run: Simulate(sizing))).ToArray();
        Results.Lines("scale", "Instances during a burst from 0 to 1,000 requests/s", "seconds",
            [.. runs.Select(run => (
                run.Sizing.Name,
                run.Run.Instances.Select((_, step) => step / (double)StepsPerSecond).ToArray(),
                run.Run.Instances.Select(count => (double)count).ToArray()))]);
        var worst = runs.Max(run => run.Run.VaultPer10Seconds);
        string[] header =
            ["sizing", "instances", "cold starts", "calls that waited for one", "longest wait s", "Key Vault requests per 10 s", "calls at Juspay at once", "cost of the minute"];
        await Results.WriteAsync("scale", $"""
            The rate rises to {PeakRate:N0} requests/s in {RampSeconds} s and stays there until second {Seconds}. A call takes {CallSeconds * 1000} ms, nearly all of it at Juspay.
            Assumptions: every second the controller starts the instances that the current calls need, at most {NewPerSecond} per second and {MaxInstances} in total.
            An instance starts in {StartSecondsOfSmall} s ({StartSecondsOfLarge} s with a whole core), calls Key Vault once, and then serves `perInstanceConcurrency` calls at once.

            {Results.Table(header, runs.Select(run => (IReadOnlyList<string>)
            [
                run.Sizing.Name,
                Results.Number(run.Run.Instances.Max()),
                Results.Number(run.Run.ColdStarts),
                Results.Number(run.Run.Waited),
                Results.Number(run.Run.LongestWait, "0.0"),
                $"{run.Run.VaultPer10Seconds} of 4,000",
                Results.Number(run.Run.AtOnce),
                "$" + Results.Number(run.Run.Dollars, "0.0000"),
            ]))}
            """);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scale vault-share-of-limit {worst / 4000.0:0.000}"));
        return 0;
    }

    private static Burst Simulate(Sizing sizing)
    {
        var ready = new List<int>(Enumerable.Repeat(0, sizing.AlwaysReady));
        var starts = new List<int>();
        var running = new Queue<(int Done, int Calls)>();
        var waiting = new Queue<(int Since, int Calls)>();
        var instances = new List<int>();
        var (arrived, inFlight, waited, atOnce) = (0.0, 0, 0, 0);
        var (longestWait, gigabyteSeconds, calls) = (0.0, 0.0, 0L);
        for (var step = 0; step < Seconds * StepsPerSecond; step++)
        {
            var rate = PeakRate * Math.Min(1, step / (double)(RampSeconds * StepsPerSecond));
            arrived += rate / StepsPerSecond;
            if ((int)arrived > 0)
            {
                waiting.Enqueue((step, (int)arrived));
                calls += (int)arrived;
                arrived -= (int)arrived;
            }

            while (running.TryPeek(out var first) && first.Done <= step)
            {
                inFlight -= running.Dequeue().Calls;
            }

            var up = ready.Count(at => at <= step);
            var room = (up * sizing.Concurrency) - inFlight;
            while (room > 0 && waiting.TryDequeue(out var next))
            {
                var taken = Math.Min(room, next.Calls);
                room -= taken;
                inFlight += taken;
                running.Enqueue((step + (int)(CallSeconds * StepsPerSecond), taken));
                waited += next.Since < step ? taken : 0;
                longestWait = Math.Max(longestWait, (step - next.Since) / (double)StepsPerSecond);
                if (taken < next.Calls)
                {
                    waiting = new Queue<(int, int)>(waiting.Prepend((next.Since, next.Calls - taken)));
                }
            }

            if (step % StepsPerSecond is 0)
            {
                StartWhatIsNeeded(sizing, step, inFlight + waiting.Sum(call => call.Calls), ready, starts);
            }

            atOnce = Math.Max(atOnce, inFlight);
            instances.Add(ready.Count);
            gigabyteSeconds += Math.Max(0, up - sizing.AlwaysReady) * sizing.Gigabytes / StepsPerSecond;
        }

        var perWindow = starts.Count is 0 ? 0 : starts.Max(first => starts.Count(start => start >= first && start < first + (10 * StepsPerSecond)));
        return new Burst(
            instances, starts.Count, waited, longestWait, perWindow * VaultRequestsPerStart, atOnce,
            (gigabyteSeconds * Prices.Of("onDemandGbSecond"))
                + (sizing.AlwaysReady * sizing.Gigabytes * Seconds * (Prices.Of("alwaysReadyGbSecondIdle") + Prices.Of("alwaysReadyGbSecondBusy")))
                + (calls / 1e6 * Prices.Of("millionExecutions")));
    }

    private static void StartWhatIsNeeded(Sizing sizing, int step, int calls, List<int> ready, List<int> starts)
    {
        var wanted = Math.Min(MaxInstances, (int)Math.Ceiling(calls / (double)sizing.Concurrency));
        for (var started = 0; ready.Count < wanted && started < NewPerSecond; started++)
        {
            ready.Add(step + (int)(sizing.StartSeconds * StepsPerSecond));
            starts.Add(step);
        }
    }

    private sealed record Sizing(string Name, double Gigabytes, int AlwaysReady, int Concurrency, double StartSeconds);

    private sealed record Burst(
        List<int> Instances, int ColdStarts, int Waited, double LongestWait, int VaultPer10Seconds, int AtOnce, double Dollars);
}

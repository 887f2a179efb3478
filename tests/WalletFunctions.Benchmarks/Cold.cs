using System.Diagnostics;
using System.Globalization;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Benchmarks;

/// <summary>Measures the first answer of published workers: each is started and asked for a delink as soon as its functions are loaded.</summary>
internal static class Cold
{
    private const string Workers = "tests/WalletFunctions.Benchmarks/Workers";

    private static readonly string[] Shared = ["src/Directory.Build.props", "src/BannedSymbols.txt", "Directory.Build.props", "Directory.Packages.props", "global.json", "host.json"];

    /// <summary>Measures all apps without a limit and with a part of a core.</summary>
    /// <param name="runs">How many starts of each.</param>
    /// <param name="roundTrip">The round-trip time to Juspay and to Key Vault.</param>
    public static async Task<int> RunAsync(int runs, TimeSpan roundTrip)
    {
        await using var surroundings = await Surroundings.StartAsync(roundTrip);
        var apps = await PublishAsync(surroundings);
        var limits = new[] { CpuLimit.None, CpuLimit.TryCreate("half a core", 0.5), CpuLimit.TryCreate("a quarter of a core", 0.25) }.OfType<CpuLimit>().ToArray();
        try
        {
            return await ReportAsync(apps, limits, await MeasureAsync(apps, limits, runs), await MeasureWarmAsync(apps[0], apps[2], surroundings), runs, roundTrip);
        }
        finally
        {
            Array.ForEach(limits, limit => limit.Dispose());
        }
    }

    /// <summary>Compares published copies of the Functions app, for experiments. They are pinned to one core, where the CPU time varies least.</summary>
    /// <param name="folders">The output folders of <c>dotnet publish src/WalletFunctions -o</c>.</param>
    /// <param name="runs">How many starts of each.</param>
    /// <param name="roundTrip">The round-trip time to Juspay and to Key Vault.</param>
    public static async Task<int> CompareAsync(string[] folders, int runs, TimeSpan roundTrip)
    {
        await using var surroundings = await Surroundings.StartAsync(roundTrip);
        var built = (await PublishedApp.PublishAsync(Results.Root, Workers + "/Empty", Shared)).BuiltFolder;
        App[] apps =
        [
            .. from folder in folders
               let variant = folder.Split(':')
               let path = Path.GetFullPath(variant[0])
               let assembly = Directory.GetFiles(path, "*.runtimeconfig.json").Single().Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal)
               select new App(
                   folder,
                   new PublishedApp(path, assembly, built),
                   [
                       .. surroundings.Variables, .. variant.Contains("deployed") ? surroundings.TelemetryVariables : [],
                       .. variant.Where(part => part.Contains('=', StringComparison.Ordinal)).Select(part => KeyValuePair.Create(part.Split('=')[0], (string?)part.Split('=')[1])),
                   ]),
        ];
        var starts = await MeasureAsync(apps, [CpuLimit.OneCore], runs);
        Console.WriteLine(Results.Table(Header, apps.Select(app => Row(app, CpuLimit.OneCore, starts[(app, CpuLimit.OneCore)], starts[(apps[0], CpuLimit.OneCore)]))));
        return 0;
    }

    private static readonly string[] Header =
        ["app", "CPU limit", "first answer ms", "least", "p90", "to empty", "CPU ms", "least", "to empty", "memory MB", "to empty"];

    private static async Task<App[]> PublishAsync(Surroundings surroundings)
    {
        string[] sources = ["src/WalletFunctions.Core", "src/WalletFunctions.Telemetry", .. Shared];
        var empty = await PublishedApp.PublishAsync(Results.Root, Workers + "/Empty", [Workers + "/Worker.props", .. Shared]);
        var naive = await PublishedApp.PublishAsync(Results.Root, Workers + "/Naive", [Workers + "/Worker.props", .. Shared]);
        var ours = await PublishedApp.PublishAsync(Results.Root, "src/WalletFunctions", sources);
        var composite = await PublishedApp.PublishAsync(Results.Root, "src/WalletFunctions", sources, property: "Composite=true");
        IReadOnlyList<KeyValuePair<string, string?>> deployed = [.. surroundings.Variables, .. surroundings.TelemetryVariables];
        return
        [
            new("empty", empty, surroundings.Variables),
            new("naive", naive, surroundings.Variables),
            new("ours", ours, surroundings.Variables),
            new("ours as deployed", ours, deployed),
            new("ours, composite", composite, surroundings.Variables),
            new("ours, composite, as deployed", composite, deployed),
        ];
    }

    private static async Task<Dictionary<(App, CpuLimit), List<Start>>> MeasureAsync(App[] apps, CpuLimit[] limits, int runs)
    {
        var starts = new Dictionary<(App, CpuLimit), List<Start>>();
        // The apps take turns, so that other work of the machine affects all of them equally. The first round fills the disk caches.
        for (var run = 0; run <= runs; run++)
        {
            foreach (var limit in run is 0 ? [CpuLimit.None] : limits)
            {
                foreach (var app in apps)
                {
                    var start = await StartAsync(app, limit);
                    if (run > 0)
                    {
                        (starts.TryGetValue((app, limit), out var list) ? list : starts[(app, limit)] = []).Add(start);
                    }
                }
            }

            Console.Error.Write('.');
        }

        Console.Error.WriteLine();
        return starts;
    }

    /// <summary>The median time of a warm call: to Juspay alone, and to two apps through the Functions host.</summary>
    private static async Task<(double Juspay, double Empty, double Ours)> MeasureWarmAsync(App empty, App ours, Surroundings surroundings)
    {
        const int WarmUps = 1000;
        const int Rounds = 10;
        const int Calls = 50;
        await using var emptyHost = await StartHostAsync(empty, CpuLimit.None);
        await using var oursHost = await StartHostAsync(ours, CpuLimit.None);
        using var client = new HttpClient();
        Func<Task>[] ways = [surroundings.SendDirectly(), () => DelinkAsync(client, emptyHost), () => DelinkAsync(client, oursHost)];
        var times = ways.ToDictionary(way => way, _ => new List<double>());
        foreach (var way in ways)
        {
            for (var call = 0; call < WarmUps; call++)
            {
                await way();
            }
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var way in ways)
            {
                for (var call = 0; call < Calls; call++)
                {
                    await Task.Delay(2);
                    var startedAt = Stopwatch.GetTimestamp();
                    await way();
                    times[way].Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
                }
            }
        }

        return (Results.Median(times[ways[0]]), Results.Median(times[ways[1]]), Results.Median(times[ways[2]]));
    }

    private static Task<FunctionsHost> StartHostAsync(App app, CpuLimit limit) =>
        FunctionsHost.StartAsync(app.Published, app.Variables, [("default", "local-key")], _ => { }, limit.Launcher);

    private static Task DelinkAsync(HttpClient client, FunctionsHost host) => Warm.SendAsync(client, host.BaseAddress.ToString().TrimEnd('/'), authorize: false);

    private static async Task<Start> StartAsync(App app, CpuLimit limit)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await using var host = await StartHostAsync(app, limit);
        using var client = new HttpClient();
        await DelinkAsync(client, host);
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var process = host.Worker.Process;
        process.Refresh();
        return new(elapsed.TotalMilliseconds, process.TotalProcessorTime.TotalMilliseconds, process.WorkingSet64 / 1_048_576.0);
    }

    private static async Task<int> ReportAsync(
        App[] apps, CpuLimit[] limits, Dictionary<(App, CpuLimit), List<Start>> starts, (double Juspay, double Empty, double Ours) warm, int runs, TimeSpan roundTrip)
    {
        Results.Bars(
            "cold",
            "From the start of the worker to its first answer, median, ms",
            [.. limits.Select(limit => limit.Name)],
            [.. apps.Select(app => (app.Name, (IReadOnlyList<double>)[.. limits.Select(limit => Median(app, limit, start => start.Milliseconds))]))]);
        var missing = limits.Length is 1 ? "\nNo cgroup that limits the CPU could be created on this machine, so there are no figures for less than one core.\n" : "";
        await Results.WriteAsync("cold", $"""
            Medians of {runs} starts of each app, which take turns. The round-trip time to Juspay and to Key Vault is {roundTrip.TotalMilliseconds} ms. CPU time and memory are those of the worker process at its first answer.
            {missing}
            {Results.Table(Header, from limit in limits from app in apps select Row(app, limit, starts[(app, limit)], starts[(apps[0], limit)]))}
            Median time of a warm call by one caller: directly to Juspay {Results.Number(warm.Juspay, "0.00")} ms, through the worker *empty* {Results.Number(warm.Empty, "0.00")} ms, *ours* {Results.Number(warm.Ours, "0.00")} ms.

            {LoadBeside()}
            """);
        var (ours, deployed, naive) = (apps[2], apps[3], apps[1]);
        var least = limits[^1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"cold to empty: answer {Ratio(ours, limits[0], start => start.Milliseconds):0.00} (goal 1.15), at {least.Name} {Ratio(ours, least, start => start.Milliseconds):0.00} (1.25), ")
            + string.Create(CultureInfo.InvariantCulture, $"as deployed {Ratio(deployed, least, start => start.Milliseconds):0.00} (1.35); ")
            + string.Create(CultureInfo.InvariantCulture, $"CPU {Ratio(ours, limits[0], start => start.CpuMilliseconds):0.00} (1.30), as deployed {Ratio(deployed, limits[0], start => start.CpuMilliseconds):0.00} (1.45); ")
            + string.Create(CultureInfo.InvariantCulture, $"memory {Ratio(ours, limits[0], start => start.Megabytes):0.00} (1.25); ")
            + string.Create(CultureInfo.InvariantCulture, $"warm beyond empty and Juspay {warm.Ours - warm.Empty - warm.Juspay:0.00} ms (0.20); ")
            + $"below naive {(limits.All(limit => Median(deployed, limit, start => start.Milliseconds) < Median(naive, limit, start => start.Milliseconds)) ? "always" : "not always")}");
        return 0;

        double Median(App app, CpuLimit limit, Func<Start, double> figure) => Results.Median(starts[(app, limit)].Select(figure));

        double Ratio(App app, CpuLimit limit, Func<Start, double> figure) => Median(app, limit, figure) / Median(apps[0], limit, figure);
    }

    /// <summary>The load of the machine. The run itself causes a load average of about 2.</summary>
    private static string LoadBeside()
    {
        const string LoadAverage = "/proc/loadavg";
        return File.Exists(LoadAverage) ? $"The load average was {File.ReadAllText(LoadAverage).Split(' ')[2]} over the last 15 minutes; this run alone causes about 2." : "";
    }

    private static string[] Row(App app, CpuLimit limit, List<Start> starts, List<Start> empty)
    {
        double[] milliseconds = [.. starts.Select(start => start.Milliseconds)], cpu = [.. starts.Select(start => start.CpuMilliseconds)], memory = [.. starts.Select(start => start.Megabytes)];
        return
        [
            app.Name,
            limit.Name,
            Results.Number(Results.Median(milliseconds)),
            Results.Number(milliseconds.Min()),
            Results.Number(Results.Percentile(milliseconds, 90)),
            Results.Number(Results.Median(milliseconds) / Results.Median(empty.Select(start => start.Milliseconds)), "0.00"),
            Results.Number(Results.Median(cpu)),
            Results.Number(cpu.Min()),
            Results.Number(Results.Median(cpu) / Results.Median(empty.Select(start => start.CpuMilliseconds)), "0.00"),
            Results.Number(Results.Median(memory)),
            Results.Number(Results.Median(memory) / Results.Median(empty.Select(start => start.Megabytes)), "0.00"),
        ];
    }

    private sealed record App(string Name, PublishedApp Published, IReadOnlyList<KeyValuePair<string, string?>> Variables);

    private sealed record Start(double Milliseconds, double CpuMilliseconds, double Megabytes);
}

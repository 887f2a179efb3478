using System.Diagnostics;
using System.Globalization;
using WalletFunctions.Benchmarks;
using WalletFunctions.Tests.Fuzzing;

switch (args)
{
    case ["soak"]:
        return await Soak.RunAsync(TimeSpan.FromSeconds(120));
    case ["soak", "--seconds", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
        return await Soak.RunAsync(TimeSpan.FromSeconds(seconds));
    case ["cold"]:
        return await Cold.RunAsync(runs: 20);
    case ["cold", "--runs", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var runs):
        return await Cold.RunAsync(runs);
    case ["simulators", var roundTrip, var juspayTime]:
        return await Simulators.RunAsync(Milliseconds(roundTrip), Milliseconds(juspayTime));
    case ["fuzz"]:
        return Fuzz(1_000_000);
    case ["fuzz", "--inputs", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var inputs):
        return Fuzz(inputs);
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- soak [--seconds 120]
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- fuzz [--inputs 1000000]

            soak   64 callers, 10 % of Juspay's answers faulty, a key rotation every 10 s, a vault outage: is every promise kept, and memory flat?
            fuzz   so many mutated inputs for each parser of foreign bytes: does one throw, or accept what it must not?
            """);
        return 2;
}

static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture));

static int Fuzz(int inputs)
{
    var seed = Environment.TickCount;
    Console.WriteLine($"fuzz: {inputs} inputs for each parser, seed {seed}");
    Console.WriteLine("| parser | inputs/s | treated in so many ways |");
    Console.WriteLine("|---|---:|---:|");
    foreach (var target in ParserFuzz.Targets)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var treated = ParserFuzz.Run(target, inputs, seed);
            Console.WriteLine($"| {target.Name} | {inputs / clock.Elapsed.TotalSeconds:0} | {treated.Count} |");
        }
        catch (FuzzFinding finding)
        {
            Console.WriteLine($"\nFOUND {finding.Message}");
            return 1;
        }
    }

    Console.WriteLine($"fuzz findings 0 of {inputs * (long)ParserFuzz.Targets.Count} inputs");
    return 0;
}

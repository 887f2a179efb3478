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
        return await Cold.RunAsync(runs: 9, TimeSpan.Zero);
    case ["cold", "--runs", var text, "--round-trip", var roundTrip] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var runs):
        return await Cold.RunAsync(runs, Milliseconds(roundTrip));
    case ["compare", "--runs", var text, "--round-trip", var roundTrip, .. var folders] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var runs):
        return await Cold.CompareAsync(folders, runs, Milliseconds(roundTrip));
    case ["warm"]:
        return await Warm.RunAsync(callsPerCaller: 30);
    case ["warm", "--calls", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var calls):
        return await Warm.RunAsync(calls);
    case ["cost"]:
        return await Cost.RunAsync();
    case ["scale"]:
        return await Scale.RunAsync();
    case ["micro"]:
        return Micro.Run();
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
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- cold [--runs 9 --round-trip 0]
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- compare --runs 9 --round-trip 0 FOLDER...
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- warm [--calls 30]
            dotnet run -c Release --project tests/WalletFunctions.Benchmarks -- micro | cost | scale

            soak   64 callers, 10 % faulty answers of Juspay, a key rotation every 10 s and a vault outage: are all promises kept, and is memory constant?
            fuzz   mutated inputs for each parser of untrusted bytes: does one throw, or accept an invalid input?
            cold   time from the start of a published worker to its first answer, compared with an empty and a naive worker
            compare  the same for published folders only, pinned to one core, for experiments
            warm   cost of a delink beyond the call to Juspay, in time, CPU and allocations
            micro  parsing, rewriting, mapping and verifying, each measured separately
            cost   Key Vault reads, connections and billed time
            scale  a simulated burst: instances, cold starts and limits
            """);
        return 2;
}

static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture));

static int Fuzz(int inputs)
{
    var seed = Environment.TickCount;
    Console.WriteLine($"fuzz: {inputs} inputs for each parser, seed {seed}");
    Console.WriteLine("| parser | inputs/s | different outcomes |");
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

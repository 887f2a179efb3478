using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Http;

namespace WalletFunctions.Benchmarks;

/// <summary>The billed quantities: Key Vault reads and connections for 10,000 delinks, and the time of one delink at several speeds of Juspay.</summary>
internal static class Cost
{
    private const int Delinks = 10_000;
    private const int Callers = 16;
    private const int Timed = 30;

    public static async Task<int> RunAsync()
    {
        var (reads, connections) = await CountAsync();
        var rows = new List<string[]>();
        var dollars = 0.0;
        foreach (var latency in new[] { 50, 200, 1000 })
        {
            var median = await TimeAsync(TimeSpan.FromMilliseconds(latency));
            var billed = Prices.BilledMilliseconds(median);
            var small = Prices.MillionCalls(billed, 0.5);
            var large = Prices.MillionCalls(billed, 2);
            dollars = dollars is 0 ? small : dollars;
            rows.Add(
            [
                Results.Number(latency),
                Results.Number(median, "0.0"),
                Results.Number(median - latency, "0.0"),
                Results.Number(billed),
                "$" + Results.Number(small, "0.00"),
                "$" + Results.Number(large, "0.00"),
            ]);
        }

        await Results.WriteAsync("cost", $"""
            {Delinks:N0} delinks of {Callers} callers on one instance: Key Vault reads: {reads}, connections to Juspay: {connections}.

            {Results.Table(["Juspay takes ms", "a delink takes ms", "beyond Juspay", "billed ms", "a million at 512 MB", "a million at 2048 MB"], rows)}

            For calls that each run alone on an instance, beyond the free grant, at the prices in `infra/prices.json`.
            """);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cost usd-per-million-512mb {dollars:0.00} juspay-connections {connections} vault-reads {reads}"));
        return reads is 1 && connections <= Callers ? 0 : 1;
    }

    private static async Task<(int Reads, int Connections)> CountAsync()
    {
        using var simulators = await Simulators.StartAsync(TimeSpan.Zero);
        await using var app = await StartAsync(simulators);
        var endpoint = app.Services.GetRequiredService<WalletEndpoint>();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Delinks / Callers; i++)
            {
                await Warm.DelinkAsync(endpoint);
            }
        })));
        return await simulators.CountAsync();
    }

    private static async Task<double> TimeAsync(TimeSpan latency)
    {
        using var simulators = await Simulators.StartAsync(TimeSpan.Zero, latency);
        await using var app = await StartAsync(simulators);
        var endpoint = app.Services.GetRequiredService<WalletEndpoint>();
        var times = new List<double>();
        for (var i = 0; i <= Timed; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            await Warm.DelinkAsync(endpoint);
            times.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
        }

        return Results.Median(times.Skip(1));
    }

    private static async Task<WebApplication> StartAsync(Simulators simulators)
    {
        foreach (var (name, value) in simulators.Environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        var app = Warm.CoreAlone();
        await app.StartAsync();
        return app;
    }
}

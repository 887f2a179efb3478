using System.Globalization;
using System.Text.Json.Nodes;

namespace WalletFunctions.Benchmarks;

/// <summary>The prices of <c>infra/prices.json</c>, which the infrastructure tests use too, and the billed time of a call.</summary>
internal static class Prices
{
    private static readonly JsonNode All = JsonNode.Parse(File.ReadAllText(Path.Combine(Results.Root, "infra", "prices.json")))!;

    public static double Of(string name) => double.Parse((string)All[name]!, CultureInfo.InvariantCulture);

    /// <summary>Returns the billed time in milliseconds: at least one second, in steps of 100 ms.</summary>
    public static double BilledMilliseconds(double milliseconds) => Math.Max(Of("assumedSecondsPerCall") * 1000, Math.Ceiling(milliseconds / 100) * 100);

    /// <summary>The cost of a million calls on demand beyond the free grant. Each is alone on its instance, which is the most expensive case.</summary>
    public static double MillionCalls(double billedMilliseconds, double gigabytes) =>
        (1_000_000 * billedMilliseconds / 1000 * gigabytes * Of("onDemandGbSecond")) + Of("millionExecutions");
}

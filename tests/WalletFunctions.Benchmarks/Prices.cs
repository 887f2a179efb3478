using System.Globalization;
using System.Text.Json.Nodes;

namespace WalletFunctions.Benchmarks;

/// <summary>The prices of <c>infra/prices.json</c>, which the tests of the infrastructure use, and what a call is billed.</summary>
internal static class Prices
{
    private static readonly JsonNode All = JsonNode.Parse(File.ReadAllText(Path.Combine(Results.Root, "infra", "prices.json")))!;

    public static double Of(string name) => double.Parse((string)All[name]!, CultureInfo.InvariantCulture);

    /// <summary>At least a second, then whole tenths of one.</summary>
    public static double BilledMilliseconds(double milliseconds) => Math.Max(Of("assumedSecondsPerCall") * 1000, Math.Ceiling(milliseconds / 100) * 100);

    /// <summary>A million calls on demand past the free grant, each alone on its instance, which is the dearest way.</summary>
    public static double MillionCalls(double billedMilliseconds, double gigabytes) =>
        (1_000_000 * billedMilliseconds / 1000 * gigabytes * Of("onDemandGbSecond")) + Of("millionExecutions");
}

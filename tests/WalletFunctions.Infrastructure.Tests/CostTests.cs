using System.Globalization;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>The documented costs follow from the parameters and from infra/prices.json.</summary>
[Collection(nameof(Deployments))]
public sealed class CostTests(Deployments deployments)
{
    private const decimal HoursPerMonth = 730;
    private const decimal DaysPerMonth = 365 / 12m;
    private const int IncludedDays = 31;

    private static readonly JsonNode Prices = JsonNode.Parse(Repository.Read("infra", "prices.json"))!;

    // Each environment has a different sizing.
    private static readonly Deployment[] Sizings = [Deployments.Committed("dev"), Deployments.Committed("test"), Deployments.Committed("prod")];

    private static readonly Deployment Prod = Sizings[^1];

    /// <summary>The workbook says "at most", so it includes the cost of prod's idle instance.</summary>
    [Fact]
    public void Workbook_CountsTheInstanceThatWaits()
    {
        const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
        Assert.All(Sizings, deployment => Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $" + {deployment.App.List($"{Scale}.alwaysReady").Sum(group => (int)group!["instanceCount"]!)} * 86400 * ")
                + $"{deployment.App.Text($"{Scale}.instanceMemoryMB")} / 1024.0 * {(string)Prices["alwaysReadyGbSecondIdle"]!}",
            deployment.Queries.Single(query => query.Value.Contains("Dollars", StringComparison.Ordinal)).Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_CostTable_IsWhatTheParametersAndPricesGive()
    {
        var rows = new[] { 1_000L, 50_000, 1_000_000 }.Select(calls =>
        {
            var executions = Sizings.Select(deployment => Executions(deployment, calls)).ToArray();
            decimal[] others = [Log(calls), Alerts(), KeyVault()];
            var cells = executions.Concat(others).Append(executions[^1] + others.Sum()).Select(Dollars);
            return string.Create(CultureInfo.InvariantCulture, $"| {calls:N0} | {string.Join(" | ", cells)} |");
        });

        Assert.Contains(string.Join('\n', rows), Repository.Read("infra", "README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("50,000", 50_000)]
    [InlineData("a million", 1_000_000)]
    public void FirstReadme_Costs_AreWhatTheParametersAndPricesGive(string words, long calls) => Assert.Contains(
        $"| cost of {words} calls a month | {Dollars(Executions(Sizings[0], calls))} for executions, {Dollars(AllOfProd(calls))} for all of prod |",
        Repository.Read("README.md"), StringComparison.Ordinal);

    [Theory]
    [InlineData(50_000)]
    [InlineData(1_000_000)]
    public void Decision_Costs_AreWhatTheParametersAndPricesGive(long calls) => Assert.Contains(
        string.Create(CultureInfo.InvariantCulture, $"| {calls:N0} | {Dollars(Executions(Sizings[0], calls))} | {Dollars(AllOfProd(calls))} |"),
        Decision, StringComparison.Ordinal);

    [Fact]
    public void Queue_CostOfAMillionEvents_IsWhatThePricesGive()
    {
        var dollars = Dollars(1_000_000 * Price("queueOperationsPerEvent") / 10_000 * Price("storageQueue10000Operations"));
        var readme = Repository.Read("infra", "README.md");

        Assert.Contains($"| {dollars} for {Prices["queueOperationsPerEvent"]} storage operations each,", readme, StringComparison.Ordinal);
        Assert.Contains($"queue operations, ${Prices["storageQueue10000Operations"]} for 10,000,", readme, StringComparison.Ordinal);
        Assert.Contains($"it takes {Prices["queueOperationsPerEvent"]} storage operations: put, get, delete. That is {dollars} for a million events", Decision, StringComparison.Ordinal);
    }

    [Fact]
    public void Readme_CostOf100Million_IsWhatTheParametersAndPricesGive() => Assert.Contains(
        $"{Dollars(Executions(Sizings[0], 100_000_000))} at most with `cheapest`, and the log {Dollars(Log(100_000_000))}.",
        Repository.Read("infra", "README.md"), StringComparison.Ordinal);

    [Fact]
    public void Readme_NetworkCosts_AreWhatThePricesGive()
    {
        var deployment = deployments["private endpoints and a fixed address"];
        var endpoints = (deployment.All("Microsoft.Network/privateEndpoints").Count() * HoursPerMonth * Price("privateEndpointHour"))
            + (deployment.All("Microsoft.Network/privateDnsZones").Count() * Price("privateDnsZone"));
        var address = (deployment.All("Microsoft.Network/natGateways").Count() * HoursPerMonth * Price("natGatewayHour"))
            + (deployment.All("Microsoft.Network/publicIPAddresses").Count() * HoursPerMonth * Price("publicAddressHour"));

        var readme = Repository.Read("infra", "README.md");
        Assert.Contains($"| `privateEndpoint` | {Dollars(endpoints)} |", readme, StringComparison.Ordinal);
        Assert.Contains($"| `fixedOutboundAddress` | {Dollars(address)} |", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizing_StatesItsCost()
    {
        var template = deployments.Bicep.Compile(Path.Combine(Repository.Infra, "main.bicep"));
        var description = (string)template["parameters"]!["sizing"]!["metadata"]!["description"]!;

        Assert.All(
            new[] { "cheapest", "fastest", "alwaysWarm" }.Zip(Sizings),
            sizing => Assert.Matches(
                $"{sizing.First}: .*{Dollars(Executions(sizing.Second, 50_000)).Replace("$", "\\$", StringComparison.Ordinal)} a month for 50,000 calls, "
                    + $"{Dollars(Executions(sizing.Second, 1_000_000)).Replace("$", "\\$", StringComparison.Ordinal)} for a million",
                description));
    }

    private static string Decision => Repository.Read(".github", "SHOULD_YOU_USE_IT.md");

    private static decimal AllOfProd(long calls) => Executions(Prod, calls) + Log(calls) + Alerts() + KeyVault();

    /// <summary>
    /// The cost of executions, each alone on an instance, which is the most expensive case, and of an idle instance. With an instance that is always ready, other calls
    /// may run on others on demand, so the result is the larger of the costs of all calls on demand and of all calls in that instance.
    /// </summary>
    private static decimal Executions(Deployment deployment, long calls)
    {
        const string Scale = "properties.functionAppConfig.scaleAndConcurrency";
        var gigabytes = (int)deployment.App.At($"{Scale}.instanceMemoryMB")! / 1024m;
        var alwaysReady = deployment.App.List($"{Scale}.alwaysReady").Sum(group => (int)group!["instanceCount"]!);
        var gigabyteSeconds = calls * Price("assumedSecondsPerCall") * gigabytes;
        var onDemand = (Math.Max(0, gigabyteSeconds - Price("onDemandGbSecondsFree")) * Price("onDemandGbSecond"))
            + (Math.Max(0, calls - Price("executionsFree")) / 1_000_000m * Price("millionExecutions"));
        if (alwaysReady is 0)
        {
            return onDemand;
        }

        // The free grant applies to on-demand instances only.
        var waiting = alwaysReady * HoursPerMonth * 3600 * gigabytes * Price("alwaysReadyGbSecondIdle");
        var always = (gigabyteSeconds * Price("alwaysReadyGbSecondBusy")) + (calls / 1_000_000m * Price("millionExecutions"));
        return waiting + Math.Max(always, onDemand);
    }

    /// <summary>The log of one month, and the audit records that are kept in the long run: first the searchable ones, then the archived ones.</summary>
    private static decimal Log(long calls)
    {
        var table = Prod.AuditTables.First();
        var (searchable, kept) = ((int)table.At("properties.retentionInDays")!, (int)table.At("properties.totalRetentionInDays")!);
        var taken = calls * Price("logKilobytesPerCall") / 1_000_000m;
        var audit = calls * Price("auditKilobytesPerCall") / 1_000_000m;
        return (Math.Max(0, taken - Price("logGbFree")) * Price("logGb"))
            + (audit * (searchable - IncludedDays) / DaysPerMonth * Price("logGbMonthSearchable"))
            + (audit * (kept - searchable) / DaysPerMonth * Price("logGbMonthKept"));
    }

    private static decimal Alerts() =>
        Prod.LogAlerts
            .Sum(alert => Price(alert.Is("properties.evaluationFrequency", "PT5M") ? "logAlertEvery5Minutes" : "logAlertEvery15Minutes"))
        + (Prod.MetricAlerts.Count() * Price("metricAlert"));

    /// <summary>Returns the monthly cost of one instance that runs all month and reads the key every half hour.</summary>
    private static decimal KeyVault() => HoursPerMonth * 2 / 10_000 * Price("keyVault10000Operations");

    private static decimal Price(string name) => decimal.Parse((string)Prices[name]!, CultureInfo.InvariantCulture);

    private static string Dollars(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"${amount:N2}");
}

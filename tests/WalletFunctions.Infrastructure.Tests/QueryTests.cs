using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>Kusto does not run here, but the texts that the queries search for are compared with what Core writes.</summary>
public sealed partial class QueryTests
{
    [GeneratedRegex(@"(?<column>\w+) = (?:\w+\()?extract\(@""(?<pattern>[^""]+)"", 1, Message\)")]
    private static partial Regex Extraction { get; }

    [GeneratedRegex(@"Message startswith ""(?<event>[a-z_]+) """)]
    private static partial Regex EventInQuery { get; }

    [GeneratedRegex(@"extract\(@"" (?<field>[a-z_]+)=\(\\S\+\)"", 1, Message\)")]
    private static partial Regex FieldInQuery { get; }

    private static readonly Deployment Prod = Deployments.Committed("prod");

    [Fact]
    public void AuditQuery_CutsTheFieldsOutOfARealRecord()
    {
        var message = WriteAuditRecord("juspay_unauthenticated", 502, TimeSpan.FromMilliseconds(1234));

        Assert.StartsWith("delink_audit ", message, StringComparison.Ordinal);
        Assert.Equal(
            new Dictionary<string, string> { ["Merchant"] = "shop_a", ["Outcome"] = "juspay_unauthenticated", ["Status"] = "502", ["DurationMs"] = "1234" },
            Extract(Prod.Queries.Single(query => query.Key.StartsWith("juspay-refuses-key", StringComparison.Ordinal)).Value, message));
    }

    [Fact]
    public void AuditQuery_TakesNoFieldFromWhatACallerSends()
    {
        var message = WriteAuditRecord("delinked", 200, TimeSpan.Zero, caller: "webhook:x-outcome=juspay_timeout outcome=juspay_timeout");

        Assert.Contains("juspay_timeout", message, StringComparison.Ordinal);
        Assert.Equal("delinked", Extract(Prod.Queries.First(query => query.Value.Contains("delink_audit", StringComparison.Ordinal)).Value, message)["Outcome"]);
    }

    [Fact]
    public void HostErrorQuery_LeavesOutWhatHasAlertsOfItsOwn()
    {
        var query = Prod.Queries.Single(query => query.Key.StartsWith("host-error", StringComparison.Ordinal)).Value;

        Assert.All(["secret_unavailable", "internal_error", "event_abandoned", "event_unreadable"], name =>
        {
            Assert.Contains(name, Core.Events.Keys);
            Assert.Contains($"Text startswith \"{name} \"", query, StringComparison.Ordinal);
        });
    }

    /// <summary>Events that Core logs outside an invocation, which the host drops, are covered by a metric or by the vault's own event.</summary>
    [Theory]
    [InlineData("delink_audit", "Message startswith \"delink_audit \"")]
    [InlineData("event_abandoned", "Message startswith \"event_abandoned \"")]
    [InlineData("event_unreadable", "Message startswith \"event_unreadable \"")]
    [InlineData("internal_error", "Message startswith \"internal_error \"")]
    [InlineData("nothing_to_delink", "Message startswith \"nothing_to_delink \"")]
    [InlineData("event_too_old", "Message startswith \"event_too_old \"")]
    [InlineData("secret_unavailable", "Outcome in (\"Missing\", \"Disabled\", \"Empty\", \"Unusable\", \"Denied\")")]
    [InlineData("secret_held", "Name == \"walletfunctions.secret.reads\"")]
    public void EveryTroubleThatCoreLogs_IsSeenByWhatArrives(string name, string part)
    {
        Assert.Contains(name, Core.Events.Keys);
        // The alert about the queue exists only where there is one, as in test.
        Assert.Contains(Prod.Queries.Concat(Deployments.Committed("test").Queries), query => query.Value.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryEventOfCore_HasARowInTheTestAbove() => Assert.Equal(
        // Every wallet_audit accompanies a delink_audit. The vault's own event SecretExpired covers secret_expired.
        ["delink_audit", "event_abandoned", "event_too_old", "event_unreadable", "internal_error", "nothing_to_delink", "secret_expired", "secret_held", "secret_unavailable", "wallet_audit"],
        Core.Events.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void SecretUnavailable_CountsEveryFaultForTheOperator()
    {
        var query = Prod.Queries.Single(query => query.Key.StartsWith("secret-unavailable", StringComparison.Ordinal)).Value;

        // An outage of Key Vault has no effect while a key is in memory. Without a key, the audit records say api_key_unavailable.
        Assert.All(Core.SecretFaults, fault => Assert.Equal(fault is not "Unreachable", query.Contains($"\"{fault}\"", StringComparison.Ordinal)));
        Assert.Contains("\"api_key_unavailable\"", query, StringComparison.Ordinal);
    }

    /// <summary>A sender does not repeat an accepted event, so only this alert reports that nothing reads the queue.</summary>
    [Fact]
    public void QueueNotRead_TellsAnAttemptFromAnAcceptance()
    {
        var query = Deployments.Committed("test").Queries.Single(query => query.Key.StartsWith("queue-not-read", StringComparison.Ordinal)).Value;

        Assert.Equal("accepted", Extract(query, WriteAuditRecord("accepted", 202, TimeSpan.Zero, caller: "webhook:store:1"))["Outcome"]);
        Assert.StartsWith("queue:", Extract(query, WriteAuditRecord("juspay_timeout", 504, TimeSpan.Zero, caller: "queue:store:1"))["Caller"], StringComparison.Ordinal);
        Assert.Contains("Caller startswith \"queue:\" or Message startswith \"event_abandoned \"", query, StringComparison.Ordinal);
        // What the processor of the queue writes.
        Assert.Contains("Caller = $\"queue:", Repository.Read("src", "WalletFunctions.Core", "Queue", "IntakeProcessor.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void CallerWhoHungUp_RaisesNoAlertAboutJuspay() => Assert.Contains(
        "Outcome != \"caller_cancelled\"", Prod.Queries.Single(query => query.Key.StartsWith("failure-rate", StringComparison.Ordinal)).Value, StringComparison.Ordinal);

    [Fact]
    public void RequestBodyThatIsAborted_RaisesNoSeverity1()
    {
        var query = Prod.Queries.Single(query => query.Key.StartsWith("host-error", StringComparison.Ordinal)).Value;

        Assert.Contains("Kind has \"BadHttpRequestException\"", query, StringComparison.Ordinal);
        Assert.Contains("Text startswith \"Executed 'Functions.\"", query, StringComparison.Ordinal);
        Assert.Contains("bin(TimeGenerated, 1m)", Prod.Queries.Single(other => other.Key.StartsWith("failed-invocations", StringComparison.Ordinal)).Value, StringComparison.Ordinal);
    }

    /// <summary>A missing duration is replaced by the longest one that the host allows, so that a cost is never too low.</summary>
    [Fact]
    public void Workbook_ComputesMissingDurationsWithTheHostsLimit()
    {
        var limit = TimeSpan.Parse((string)JsonNode.Parse(Repository.Read("host.json"))!["functionTimeout"]!, CultureInfo.InvariantCulture);

        Assert.Contains(Prod.Queries, query => query.Value.Contains($"coalesce(AvgMs, {limit.TotalMilliseconds:0}.0)", StringComparison.Ordinal));
    }

    [Fact]
    public void Workbook_ShowsOutcomesMerchantsLatencyColdStartsAndCost()
    {
        var charts = Prod.Queries.ExceptBy(Prod.LogAlerts.Select(alert => alert.Name), query => query.Key).Select(query => query.Value).ToArray();

        Assert.All(["by Outcome", "by Merchant, Outcome", "percentiles(DurationMs", "ColdStarts", "Dollars"],
            part => Assert.Contains(charts, query => query.Contains(part, StringComparison.Ordinal)));
    }

    /// <summary>Each text that a query for people searches for is one that Core writes. Otherwise an empty result would look like good news.</summary>
    [Theory]
    [MemberData(nameof(QueriesForPeople))]
    public void QueryForPeople_AsksForWhatCoreWrites(string file)
    {
        var query = Repository.Read("infra", "queries", file);
        var events = EventInQuery.Matches(query).Select(match => match.Groups["event"].Value).ToArray();
        var fields = FieldInQuery.Matches(query).Select(match => match.Groups["field"].Value).ToArray();

        Assert.All(events, name => Assert.Contains(name, Core.Events.Keys));
        Assert.True(events is not [] || query.Contains("AZKVAuditLogs", StringComparison.Ordinal), "The query reads no event of Core and no audit log.");
        Assert.True((fields.Length > 2 || events is []) && fields.Length == query.Split("extract(").Length - 1, "A field is extracted with another pattern.");
        Assert.All(fields, field => Assert.Contains(events, name => Core.Events[name].Contains(field)));
        Assert.StartsWith("// ", query, StringComparison.Ordinal);
        Assert.Contains($"(queries/{file})", Repository.Read("infra", "operating.md"), StringComparison.Ordinal);
    }

    /// <summary>The portal searches the last day if a query names no time. An older delink would then look as if it had never happened.</summary>
    [Theory]
    [MemberData(nameof(QueriesForPeople))]
    public void QueryForPeople_SetsItsTimeRange(string file) =>
        Assert.Matches(@"\n(AppTraces|AZKVAuditLogs|let \w+ = AZKVAuditLogs)\n\| where TimeGenerated > ", Repository.Read("infra", "queries", file));

    [Fact]
    public void WhoDelinkedThisWallet_CutsTheFieldsOutOfARealRecord()
    {
        var query = Repository.Read("infra", "queries", "who-delinked-this-wallet.kql");
        var patterns = FieldInQuery.Matches(query).ToDictionary(
            match => match.Groups["field"].Value, match => Regex.Match(WriteAuditRecord("juspay_timeout", 504, TimeSpan.Zero), $@" {match.Groups["field"].Value}=(\S+)").Groups[1].Value);

        Assert.Equal(("shop_a", "juspay_timeout", "not_configured"), (patterns["caller"], patterns["outcome"], patterns["hash_key"]));
        Assert.True(DateTimeOffset.TryParse(patterns["at"], CultureInfo.InvariantCulture, out var at) && at.Offset == TimeSpan.Zero);
    }

    public static TheoryData<string> QueriesForPeople => [.. Directory.EnumerateFiles(Path.Combine(Repository.Infra, "queries")).Select(file => Path.GetFileName(file)!).Order()];

    private static Dictionary<string, string> Extract(string query, string message) => Extraction.Matches(query)
        .ToDictionary(match => match.Groups["column"].Value, match => Regex.Match(message, match.Groups["pattern"].Value).Groups[1].Value);

    private static string WriteAuditRecord(string outcome, int status, TimeSpan duration, string caller = "shop_a")
    {
        using var log = new LastMessage();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        new DelinkAudit(new AuditHash(key: null), TimeProvider.System, factory.CreateLogger<DelinkAudit>())
            .RecordRequest(new AuditEntry { TraceId = "2a71c3e2f0db31a5cb56c5e9f40ec894", Caller = caller, Merchant = "shop_a" }, outcome, status, duration);
        return log.Text;
    }

    private sealed class LastMessage : ILoggerProvider, ILogger
    {
        public string Text { get; private set; } = "";

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
            // There is nothing to dispose of.
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Text = formatter(state, exception);
    }
}

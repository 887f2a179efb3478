using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>
/// The rows that the Functions host writes to Application Insights with this host.json, by the rules of its source (ApplicationInsightsLogger, FilteringTelemetryProcessor and
/// LoggerRuleSelector of Azure/azure-webjobs-sdk): the rule with the longest prefix of the category decides, and no name has wildcards.
/// </summary>
public sealed partial class HostLogTests
{
    private static readonly JsonNode Logging = JsonNode.Parse(Repository.Read("host.json"))!["logging"]!;

    private static readonly Dictionary<string, LogLevel> Rules = ((JsonObject)Logging["logLevel"]!)
        .ToDictionary(rule => rule.Key is "default" ? "" : rule.Key, rule => Enum.Parse<LogLevel>((string)rule.Value!));

    [GeneratedRegex("""\[Function\((?:nameof\((?<name>\w+)\)|"(?<name>\w+)")\)\].*?HttpTrigger\(AuthorizationLevel\.(?<level>\w+)""", RegexOptions.Singleline)]
    private static partial Regex Function { get; }

    [GeneratedRegex(@"^\| .+ \| `(?<category>[\w.]+)` \| (?<level>\w+) \| .+ \| (?<stored>yes|no)\b.* \|$", RegexOptions.Multiline)]
    private static partial Regex DocumentedRow { get; }

    public static TheoryData<string, bool> Functions
    {
        get
        {
            var functions = new TheoryData<string, bool>();
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "WalletFunctions"), "*.cs").Order())
            {
                foreach (Match function in Function.Matches(File.ReadAllText(file)))
                {
                    functions.Add(function.Groups["name"].Value, function.Groups["level"].Value is "Anonymous");
                }
            }

            return functions;
        }
    }

    /// <summary>The row of a request contains its whole URL, and therefore the full id of a wallet or customer, which may be an e-mail address.</summary>
    [Fact]
    public void Request_WritesNoRowWithAUrl()
    {
        // ASP.NET Core's own rows have no category, so no log level can exclude them.
        Assert.False((bool)Logging["applicationInsights"]!["httpAutoCollectionOptions"]!["enableHttpTriggerExtendedInfoCollection"]!);
        Assert.False(IsWritten("Host.Results", LogLevel.Critical));
        Assert.False(IsWritten("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Information));
        Assert.False(IsWritten("Microsoft.Azure.WebJobs.Script.WebHost.Middleware.SystemTraceMiddleware", LogLevel.Information));
    }

    /// <summary>Anyone can call these at any rate, and interrupt a body, which the host would log with a stack trace.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_WritesPerRequestWhatTheWorkerLogsAndNothingElse(string name, bool isAnonymous)
    {
        Assert.True(IsWritten($"Function.{name}.User", LogLevel.Information));
        Assert.False(IsWritten($"Function.{name}", LogLevel.Information));
        Assert.Equal(!isAnonymous, IsWritten($"Function.{name}", LogLevel.Error));
    }

    [Fact]
    public void Functions_WereFound() => Assert.Equal(Core.Routes.Count, Functions.Count);

    /// <summary>The alerts need these.</summary>
    [Theory]
    [InlineData("Host.Aggregator", LogLevel.Information)]
    [InlineData("Host.Function.Console", LogLevel.Information)]
    [InlineData("Host.Startup", LogLevel.Error)]
    [InlineData("Host.Triggers.Queue", LogLevel.Warning)]
    [InlineData("Worker.rpcWorkerProcess", LogLevel.Error)]
    public void Host_WritesWhatTheAlertsLookFor(string category, LogLevel level) => Assert.True(IsWritten(category, level));

    [Fact]
    public void Records_AreNotSampled() => Assert.False((bool)Logging["applicationInsights"]!["samplingSettings"]!["isEnabled"]!);

    [Fact]
    public void Rules_HaveNoWildcards() => Assert.All(Rules.Keys, name => Assert.DoesNotContain('*', name));

    [Fact]
    public void TableOfWhatTheHostWrites_IsWhatHostJsonSays()
    {
        var rows = DocumentedRow.Matches(Repository.Read("infra", "telemetry.md"));

        Assert.True(rows.Count >= 8);
        Assert.All(rows, row => Assert.Equal(
            row.Groups["stored"].Value is "yes", IsWritten(row.Groups["category"].Value, Enum.Parse<LogLevel>(row.Groups["level"].Value))));
    }

    private static bool IsWritten(string category, LogLevel level) =>
        level >= Rules.Where(rule => category.StartsWith(rule.Key, StringComparison.OrdinalIgnoreCase)).MaxBy(rule => rule.Key.Length).Value;
}

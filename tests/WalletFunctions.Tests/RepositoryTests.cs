using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>What the documents state about the repository.</summary>
public sealed partial class RepositoryTests
{
    [GeneratedRegex(@"^\| `(?<code>[a-z_]+)` \| (?<status>[0-9]{3}) \| (?<retryable>yes|no) \|", RegexOptions.Multiline)]
    private static partial Regex ErrorRow { get; }

    [GeneratedRegex(@"^\| `(?<name>(Juspay|KeyVault|Audit):[A-Za-z]+)` \| (`(?<fallback>[^`]+)`|required|none) \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow { get; }

    [GeneratedRegex(@"^\| [^|]+ \| [^|]+ \| (?<tests>`[A-Za-z0-9_]+`(, `[A-Za-z0-9_]+`)*) \|$", RegexOptions.Multiline)]
    private static partial Regex ThreatRow { get; }

    [GeneratedRegex(@"^ *```sh\n(?<text>.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell { get; }

    /// <summary>A program in a script: at the beginning of a line or of a command, after assignments.</summary>
    [GeneratedRegex(@"(?:^|[|;]|&&|\$?\(|\bdo\b)\s*(?:[A-Za-z_]\w*=[^\s$]*\s+)*(?<program>[a-z][\w/-]*)(?=[ )\n])", RegexOptions.Multiline)]
    private static partial Regex Command { get; }

    /// <summary>The program of a sentence such as: started with <c>node delink.mjs</c>.</summary>
    [GeneratedRegex(@"\bstart(?:ed| it) with `(?<program>[a-z0-9]+) ")]
    private static partial Regex StartedWith { get; }

    /// <summary>Quotes and comments of a script, in which nothing is run.</summary>
    [GeneratedRegex(@"'[^']*'|(?<=^|\s)#.*$|\\\n", RegexOptions.Multiline)]
    private static partial Regex NotRun { get; }

    [Fact]
    public void Contract_ErrorTable_IsTheOneInTheCode() => Assert.Equal(
        ProblemType.All.Select(row => (row.Code, row.Status, row.Retryable)),
        ErrorRow.Matches(Repository.Read("src/WalletFunctions.Core/Http/README.md")).Select(row => (row.Groups["code"].Value, int.Parse(row.Groups["status"].ValueSpan), row.Groups["retryable"].Value is "yes")));

    [Fact]
    public void SettingsTable_HasEverySettingAndNoOther()
    {
        var unknown = new ConfigurationBuilder().AddInMemoryCollection([new("Juspay:X", "1"), new("KeyVault:X", "1"), new("Audit:X", "1")]).Build();
        var known = Assert.Throws<SettingsException>(() => Settings.Read(unknown)).Problems
            .Where(problem => problem.Contains("Known under", StringComparison.Ordinal))
            .SelectMany(problem => problem.Split("Known under ")[1].Split(": ") is [var section, var names] ? names.Split(", ").Select(name => $"{section}:{name}") : []);

        Assert.Equal(known, SettingRow.Matches(Repository.Read("infra/settings.md")).Select(row => row.Groups["name"].Value));
    }

    [Fact]
    public void SettingsTable_HasTheDefaults()
    {
        var documented = SettingRow.Matches(Repository.Read("infra/settings.md"))
            .Where(row => row.Groups["fallback"].Success)
            .Select(row => new KeyValuePair<string, string?>(row.Groups["name"].Value, row.Groups["fallback"].Value));
        KeyValuePair<string, string?>[] required = [new("Juspay:BaseUrl", "https://sandbox.juspay.in"), new("KeyVault:Uri", "https://my-vault.vault.azure.net")];

        Assert.Equal(Read(required), Read([.. required, .. documented]));

        // The sections that the table's pattern covers. Lists of merchants and event types are equal only to themselves.
        static (object, object, string?) Read(IEnumerable<KeyValuePair<string, string?>> values)
        {
            var settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
            return (settings.Juspay, settings.KeyVault, settings.AuditHashSecretName);
        }
    }

    [Fact]
    public void HostJson_HasNoRoutePrefixAndOutlastsTheDeadline()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));

        Assert.Equal("", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        // A webhook may wait for two reads of its secret, and then for the delink, whose Juspay:CustomerTimeout is at most 50 seconds.
        var functionTimeout = TimeSpan.Parse(host.RootElement.GetProperty("functionTimeout").GetString()!, null);
        Assert.True(functionTimeout > (2 * CachedSecret<JuspayApiKey>.ReadTimeout) + TimeSpan.FromSeconds(50));
        Assert.True(WorkerLifetime.Patience > functionTimeout);
        Assert.Equal("Information", host.RootElement.GetProperty("logging").GetProperty("logLevel").GetProperty("default").GetString());
        Assert.False(host.RootElement.GetProperty("logging").GetProperty("applicationInsights").GetProperty("samplingSettings").GetProperty("isEnabled").GetBoolean());
    }

    [Fact]
    public void Threats_AreShownByTestsThatExist()
    {
        var tests = typeof(RepositoryTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        var threats = ThreatRow.Matches(Repository.Read(".github/SECURITY.md"));

        Assert.True(threats.Count > 20);
        Assert.All(threats, threat => Assert.All(
            threat.Groups["tests"].Value.Split(", "), name => Assert.Contains(name.Trim('`'), tests)));
    }

    [Fact]
    public void EveryTest_AssertsSomething()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root(), "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Split(File.ReadAllText(file), @"^    \[(?:Browser|Simulator|Skippable|Wallet)?(?:Fact|Theory)\]\s*$", RegexOptions.Multiline).Skip(1))
            .ToArray();

        Assert.True(tests.Length > 100);
        Assert.All(tests, test => Assert.Matches("Assert[.A-Z]", test));
    }

    /// <summary>The child process has an empty path, so it finds neither of two programs that its tests need.</summary>
    [ProgramFact("dotnet")]
    public async Task SkippedTest_SaysWhyInTheOutputOfTheRun()
    {
        var run = await ChildProcess.RunAsync(
            ProgramFactAttribute.Find("dotnet")!,
            ["test", typeof(RepositoryTests).Assembly.Location, "--filter", "FullyQualifiedName~PageTests.Docs|FullyQualifiedName~ReadmeTests.Curl"],
            Path.GetTempPath(), ("PATH", ""));

        Assert.Contains("Docs_WithoutANetwork_ShowEveryRoute is skipped: No chromium", run.Output, StringComparison.Ordinal);
        Assert.Contains("Curl_AtTheTop_PrintsWhatTheReadmeShows is skipped: curl is not on the path.", run.Output, StringComparison.Ordinal);
    }

    [ProgramTheory("dotnet")]
    [InlineData("/packages")]
    [InlineData("/packages/")]
    public async Task FolderOfPackages_WithOrWithoutASlash_IsWhereBicepIsFound(string folder)
    {
        var evaluated = await ChildProcess.RunAsync(
            ProgramFactAttribute.Find("dotnet")!,
            ["msbuild", "tests/WalletFunctions.Infrastructure.Tests", "-target:SayWhereBicepIs", "-getItem:AssemblyMetadata", $"-property:NuGetPackageRoot={folder}"],
            Repository.Root());

        Assert.Contains("\"/packages/azure.bicep.commandline.", evaluated.Output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Each program that a document runs is in the container's image, or installed by this text of its description.</summary>
    [Fact]
    public void DevContainer_HasEveryProgramThatTheDocumentsRun()
    {
        string[] ofTheImage = ["base64", "curl", "date", "dotnet", "git", "jq", "od", "openssl", "printf", "sh", "sleep", "tr", "zip"];
        string[] ofTheShell = ["break", "cd", "do", "done", "export", "for"];
        var installed = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["az"] = "ghcr.io/devcontainers/features/azure-cli:",
            ["azd"] = "ghcr.io/azure/azure-dev/azd:",
            ["func"] = "npm install --global azure-functions-core-tools@4",
            ["gh"] = "ghcr.io/devcontainers/features/github-cli:",
            ["java"] = "ghcr.io/devcontainers/features/java:",
            ["node"] = "ghcr.io/devcontainers/features/node:",
            ["php"] = "ghcr.io/devcontainers/features/php:",
            ["python3"] = "ghcr.io/devcontainers/features/python:",
        };
        var texts = Directory.EnumerateFiles(Repository.Root(), "*.md", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.System })
            .Where(file => !Regex.IsMatch(file, @"[/\\](bin|obj|artifacts|node_modules|TestResults|StrykerOutput)[/\\]"))
            .Select(File.ReadAllText).ToArray();
        var container = Repository.Read(".devcontainer/devcontainer.json");

        var run = texts.SelectMany(text => Shell.Matches(text)).SelectMany(block => Command.Matches(NotRun.Replace(block.Groups["text"].Value, "")))
            .Concat(texts.SelectMany(text => StartedWith.Matches(text))).Select(match => match.Groups["program"].Value)
            .Where(program => !program.Contains('/', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(run.Except([.. ofTheImage, .. ofTheShell, .. installed.Keys]));
        Assert.Empty(installed.Keys.Except(run));
        Assert.All(installed.Values, text => Assert.Contains(text, container, StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains(".bicepparam", StringComparison.Ordinal));
        Assert.Contains("\"installBicep\": true", container, StringComparison.Ordinal);
    }
}

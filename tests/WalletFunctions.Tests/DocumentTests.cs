using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>All Markdown documents: their paths and links exist, and the README is an introduction, not the reference.</summary>
public sealed partial class DocumentTests
{
    // Folders that hold output and no documents of the repository.
    private static readonly string[] Ignored = ["bin", "obj", "artifacts", "TestResults", "StrykerOutput", "node_modules"];

    private const string Decision = ".github/SHOULD_YOU_USE_IT.md";

    private static readonly string[] Documents = [.. Find(new DirectoryInfo(Repository.Root())).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence { get; }

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex Code { get; }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)|\b(?:src|srcset)=""(?<target>[^""]+)""")]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading { get; }

    /// <summary>A path from the root of the repository, in text or in a command.</summary>
    [GeneratedRegex(@"(?<![\w./-])(?<path>(?:src|tests|infra|\.github|\.ci|\.config|\.devcontainer)(?:/[\w.-]*\w)+)")]
    private static partial Regex PathFromRoot { get; }

    /// <summary>A file or a folder in code format: <c>Http/Documents.cs</c>, <c>main.bicep</c>, <c>queries/</c>.</summary>
    [GeneratedRegex(@"`(?<path>(?:[\w-]+/)*[\w.-]+\.(?:cs|csproj|bicep|bicepparam|props|targets|sln|md|sh|kql|http|svg|png)|(?:[\w-]+/)+)`")]
    private static partial Regex PathInCode { get; }

    /// <summary>The name of a test in code format: <c>State_Expectation</c>.</summary>
    [GeneratedRegex("`(?<name>(?=\\w*[a-z])[A-Z][A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)`")]
    private static partial Regex TestName { get; }

    [GeneratedRegex(@"^\| (?<app>[^|]+) \| (?<condition>[^|]+) \| (?<figure>[0-9.]+) \| (?<second>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Measured { get; }

    [GeneratedRegex(@"^\| cheapest \| (?<instances>\d+) \| \d+ \| \d+ \| (?<wait>[0-9.]+) \|", RegexOptions.Multiline)]
    private static partial Regex Burst { get; }

    [GeneratedRegex(@"^  cheapest: \{ memoryMB: (?<memory>\d+), alwaysReady: \d+, concurrency: (?<concurrency>\d+) \}", RegexOptions.Multiline)]
    private static partial Regex Cheapest { get; }

    [Fact]
    public void Document_Paths_Exist()
    {
        var paths = Documents.SelectMany(document =>
        {
            var text = Repository.Read(document);
            return PathFromRoot.Matches(text).Select(path => (document, Path: path.Groups["path"].Value, Folders: new[] { "" }))
                .Concat(PathInCode.Matches(text).Select(path => (document, Path: path.Groups["path"].Value, Folders: FoldersFor(document))));
        }).Distinct().ToArray();

        Assert.True(paths.Length > 100);
        Assert.All(paths, path => Assert.True(
            path.Folders.Any(folder => Path.Exists(Path.Combine(Repository.Root(), folder, path.Path))), $"{path.document} names {path.Path}, which does not exist."));
    }

    [Fact]
    public void Document_RelativeLinks_LeadToAFileAndAHeading()
    {
        var links = Documents.SelectMany(LinksOf).Where(link => link.Path is not null).ToArray();

        Assert.True(links.Length > 50);
        Assert.All(links, link =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root(), link.Path!)), $"{link.Document} links to {link.Target}, which does not exist.");
            Assert.True(link.Anchor is "" || AnchorsOf(link.Path!).Contains(link.Anchor), $"{link.Document} links to {link.Target}, and there is no such heading.");
        });
    }

    [Fact]
    public void Document_TestNames_AreThoseOfTests()
    {
        var code = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root(), "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var names = Documents.SelectMany(document => TestName.Matches(Repository.Read(document)).Select(name => (document, Name: name.Groups["name"].Value))).Distinct().ToArray();

        Assert.True(names.Length > 50);
        Assert.All(names, name => Assert.True(code.Contains($" {name.Name}(", StringComparison.Ordinal), $"{name.document} names the test {name.Name}, which does not exist."));
    }

    /// <summary>Each subject has one place. A second link to a document suggests that the README repeats it.</summary>
    [Fact]
    public void Readme_LinksToEachDocumentOnce()
    {
        var links = LinksOf("README.md").Where(link => link.Path is not null && link.Path.EndsWith(".md", StringComparison.Ordinal) && link.Path != "README.md").ToArray();

        Assert.Equal(links.Select(link => link.Path).Distinct(), links.Select(link => link.Path));
        Assert.Equal(
            Documents.Where(document => document is not "README.md" && !document.Contains("/results/", StringComparison.Ordinal)),
            links.Select(link => link.Path!).Where(path => !path.Contains("/results/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    /// <summary>Readers need the first 200 lines. Longer texts belong beside what they describe.</summary>
    [Fact]
    public void Readme_IsShort() => Assert.InRange(Repository.Read("README.md").Split('\n').Length, 100, 220);

    [Theory]
    [InlineData("README.md")]
    [InlineData(Decision)]
    public void Figures_AreThoseOfTheResults(string document)
    {
        var readme = Repository.Read(document);
        var cold = FiguresOf("cold");
        var warm = FiguresOf("warm");

        Assert.Contains($"| {Cold("ours as deployed", "no limit")} ms; with a quarter of a core {Cold("ours as deployed", "a quarter of a core")} ms |", readme, StringComparison.Ordinal);
        Assert.Contains($"| {Cold("empty", "no limit")} ms; with a quarter of a core {Cold("empty", "a quarter of a core")} ms |", readme, StringComparison.Ordinal);
        Assert.Contains($"| {Added("ours, Core alone")} ms by the code itself, {Added("ours, behind Kestrel")} ms with Kestrel around it |", readme, StringComparison.Ordinal);

        string Cold(string app, string limit) =>
            int.Parse(cold.Single(row => row.App == app && row.Condition == limit).Figure, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture);

        string Added(string way) => warm.Single(row => row.App == way && row.Condition is "1").Second.TrimStart('+');
    }

    [Fact]
    public void Readme_CallsPerSecond_FollowFromTheConcurrencyAndTheBurst()
    {
        var readme = Repository.Read("README.md");
        var burst = Burst.Match(Repository.Read("tests/WalletFunctions.Benchmarks/results/scale.md"));
        var cheapest = Cheapest.Match(Repository.Read("infra/sizes.bicep"));
        var (memory, concurrency) = (cheapest.Groups["memory"].Value, int.Parse(cheapest.Groups["concurrency"].ValueSpan, CultureInfo.InvariantCulture));

        Assert.Contains(
            $"| {concurrency * 1000 / 250} per instance of {memory} MB | calculated: {concurrency} calls at once, and Juspay takes 250 ms for each |",
            readme, StringComparison.Ordinal);
        Assert.Contains($"| {burst.Groups["instances"].Value} instances; a call waits at most {burst.Groups["wait"].Value} s for an instance to start |", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_AreThoseOfTheCode()
    {
        var limits = Repository.Read(Decision);
        var required = new ConfigurationBuilder().AddInMemoryCollection([new("Juspay:BaseUrl", "https://sandbox.juspay.in"), new("KeyVault:Uri", "https://my-vault.vault.azure.net")]);
        var juspay = Settings.Read(required.Build()).Juspay;
        var cheapest = Cheapest.Match(Repository.Read("infra/sizes.bicep"));
        var concurrency = int.Parse(cheapest.Groups["concurrency"].ValueSpan, CultureInfo.InvariantCulture);

        Assert.Contains($"`/webhooks/delink` | {RequestBody.MaxBytes / 1024} KiB | 413 |", limits, StringComparison.Ordinal);
        Assert.Contains($"`/webhooks/{{name}}/delink` | {RequestBody.MaxBytesOfSenders / 1024} KiB | 413 |", limits, StringComparison.Ordinal);
        Assert.Contains($"routing id | {Identifier.MaxLength} characters | 400 |", limits, StringComparison.Ordinal);
        Assert.Contains($"for a customer | {juspay.TotalTimeout.TotalSeconds:0} s, {juspay.CustomerTimeout.TotalSeconds:0} s;", limits, StringComparison.Ordinal);
        Assert.Contains($"on an instance of {cheapest.Groups["memory"].Value} MB | {concurrency} |", limits, StringComparison.Ordinal);
        Assert.Contains($"and instance | {concurrency * 1000 / 250}, if Juspay takes 250 ms", limits, StringComparison.Ordinal);
        Assert.Contains($"param maximumInstanceCount int = {Regex.Match(limits, @"\| instances \| (\d+),").Groups[1].Value}\n", Repository.Read("infra/main.bicep"), StringComparison.Ordinal);
    }

    private static IEnumerable<(string App, string Condition, string Figure, string Second)> FiguresOf(string result) =>
        Measured.Matches(Repository.Read($"tests/WalletFunctions.Benchmarks/results/{result}.md")).Select(row =>
            (row.Groups["app"].Value, row.Groups["condition"].Value, row.Groups["figure"].Value, row.Groups["second"].Value));

    /// <summary>Where a document's paths may begin: beside the document, at the root, and for the contributor in Core's folders.</summary>
    private static string[] FoldersFor(string document) => [FolderOf(document), "", "src/WalletFunctions.Core", ".github/workflows"];

    /// <summary>The links of a document outside of code. The path, from the root, is null for an address of the web.</summary>
    private static IEnumerable<(string Document, string Target, string? Path, string Anchor)> LinksOf(string document) =>
        Link.Matches(Code.Replace(Fence.Replace(Repository.Read(document), ""), "`code`")).Select(link =>
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal))
            {
                return (document, target, (string?)null, "");
            }

            var parts = target.Split('#');
            var path = parts[0] is "" ? document : Path.GetRelativePath(Repository.Root(), Path.GetFullPath(Path.Combine(Repository.Root(), FolderOf(document), parts[0])));
            return (document, target, path.Replace('\\', '/'), parts.ElementAtOrDefault(1) ?? "");
        });

    /// <summary>The anchors that GitHub gives to the headings: lower case, without punctuation, with hyphens for spaces.</summary>
    private static IEnumerable<string> AnchorsOf(string document) =>
        Heading.Matches(Fence.Replace(Repository.Read(document), "")).Select(heading =>
            string.Concat(heading.Groups["text"].Value.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-'));

    private static string FolderOf(string document) => Path.GetDirectoryName(document)!.Replace('\\', '/');

    private static IEnumerable<string> Find(DirectoryInfo folder) =>
        folder.EnumerateFiles("*.md").Select(file => Path.GetRelativePath(Repository.Root(), file.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories()
                .Where(inner => !Ignored.Contains(inner.Name, StringComparer.Ordinal) && (inner.Name[0] is not '.' || inner.Name is ".github"))
                .SelectMany(Find));
}

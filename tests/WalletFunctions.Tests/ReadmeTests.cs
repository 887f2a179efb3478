using System.Text.Json;
using System.Text.RegularExpressions;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>What the documents tell a reader is so: the samples are taken out of the text and run, and paths lead somewhere.</summary>
public sealed partial class ReadmeTests
{
    private const string Address = "http://localhost:7071";

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [GeneratedRegex(@"^### (?<status>[0-9]{3}): .*\n(?<method>[A-Z]+) (?<path>\S+)\n(?<headers>(?:[A-Za-z-]+: .*\n)*)(?:\n(?<body>[^#\s].*)\n)?", RegexOptions.Multiline)]
    private static partial Regex Request { get; }

    [ProgramFact("curl")]
    public async Task Curl_AtTheTop_PrintsWhatTheReadmeShows()
    {
        var blocks = Blocks().ToArray();
        var at = Array.FindIndex(blocks, block => block.Text.StartsWith("curl -X POST", StringComparison.Ordinal));
        await using var host = await TestHost.StartAsync();

        var printed = await RunAsync(host, "sh", "delink.sh", "exec " + blocks[at].Text.Replace("curl ", "curl -sS ", StringComparison.Ordinal));

        Assert.True(JsonElement.DeepEquals(Json(blocks[at + 1].Text), Json(printed)), printed);
    }

    [ProgramFact("dotnet")]
    public Task Client_InCSharp_PrintsWhatTheReadmeShows() => AssertPrintsAsync("csharp", "using System.Text.Json;", "delink.cs", "dotnet", "run");

    [ProgramFact("node")]
    public Task Client_InNode_PrintsWhatTheReadmeShows() => AssertPrintsAsync("js", "const delink =", "delink.mjs", "node");

    [ProgramFact("python3")]
    public Task Client_InPython_PrintsWhatTheReadmeShows() => AssertPrintsAsync("python", "import json", "delink.py", "python3");

    /// <summary>A caller meets a Juspay that fails, and repeats as it was told: the host's clock stands still, so only the caller waits.</summary>
    [ProgramFact("python3")]
    public async Task Client_WhenJuspayThrottlesForASecond_RepeatsAndPrintsTheSame()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault { Status = 429, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "1" } });

        Assert.Equal(Expected(), await RunAsync(host, "python3", "delink.py", Sample("python", "import json")));
        Assert.Equal(3, host.Delinks);
    }

    [ProgramFact("curl")]
    public async Task EverySimulatorCommand_IsAccepted()
    {
        var commands = Blocks().SelectMany(block => block.Text.Split('\n')).Where(line => Regex.IsMatch(line, "^curl .*/_simulator")).ToArray();
        await using var host = await TestHost.StartAsync();

        Assert.True(commands.Length > 10);
        foreach (var command in commands)
        {
            Assert.Equal(200, (await host.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/_simulator/reset"))).Status);
            Assert.NotEmpty(await RunAsync(host, "sh", "simulator.sh", command.Replace("curl ", "curl -fsS ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task HttpFile_EachRequest_IsAnsweredAsItsTitleSays()
    {
        var file = Repository.Read("src/WalletFunctions.LocalHost/wallets.http");
        await using var host = await TestHost.StartAsync();

        var requests = Request.Matches(file.Replace("{{host}}", "", StringComparison.Ordinal).Replace("{{key}}", TestHost.Key, StringComparison.Ordinal));
        Assert.Equal(file.Split("\n### ").Length - 1, requests.Count);
        foreach (var request in requests.Cast<Match>())
        {
            var headers = request.Groups["headers"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).ToArray();
            var message = new HttpRequestMessage(HttpMethod.Parse(request.Groups["method"].Value), request.Groups["path"].Value)
            {
                Content = request.Groups["body"].Success
                    ? new StringContent(request.Groups["body"].Value, mediaType: new(headers.Single(header => header[0] is "Content-Type")[1]))
                    : null,
            };
            foreach (var header in headers.Where(header => header[0] is not "Content-Type"))
            {
                message.Headers.Add(header[0], header[1]);
            }

            Assert.Equal((request.Value, int.Parse(request.Groups["status"].ValueSpan)), (request.Value, (await host.SendAsync(message, key: null)).Status));
        }

        Assert.True(host.IsLinked(TestHost.Paytm));
    }

    [Theory]
    [InlineData("README.md", "")]
    [InlineData(".github/CONTRIBUTING.md", "")]
    [InlineData(".github/CONTRIBUTING.md", "src/WalletFunctions.Core/")]
    public void Document_Paths_Exist(string document, string folder)
    {
        var pattern = folder is ""
            ? @"[`(""](?<path>(src|tests|\.github|\.ci|\.devcontainer)(/[A-Za-z.-]+)+)"
            : @"`(?<path>(Http|Juspay|Delinking)/[A-Za-z]+\.cs)`";
        var paths = Regex.Matches(Repository.Read(document), pattern)
            .Select(path => folder + path.Groups["path"].Value).ToArray();

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root(), path)), path));
    }

    [Fact]
    public void Version_StandsInOnePlaceAndInTheChangelog()
    {
        Assert.Contains($"<Version>{ProductVersion.Text}</Version>", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains($"\n## [{ProductVersion.Text}]", Repository.Read(".github/CHANGELOG.md"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Repository.Root(), "*.csproj", SearchOption.AllDirectories),
            project => File.ReadAllText(project).Contains("<Version>", StringComparison.Ordinal));
    }

    private static async Task AssertPrintsAsync(string language, string start, string file, string program, params string[] arguments)
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal(Expected(), await RunAsync(host, program, file, Sample(language, start), arguments));
        Assert.False(host.IsLinked(TestHost.Paytm));
    }

    private static string Sample(string language, string start) =>
        Assert.Single(Blocks(), block => block.Language == language && block.Text.StartsWith(start, StringComparison.Ordinal)).Text;

    private static string Expected() => Assert.Single(Blocks(), block => block.Language is "text").Text;

    private static IEnumerable<(string Language, string Text)> Blocks() =>
        Block.Matches(Repository.Read("README.md")).Select(block => (block.Groups["language"].Value, block.Groups["text"].Value));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    /// <summary>What a sample prints when it is run as the README says, with the address of this test's host.</summary>
    private static async Task<string> RunAsync(TestHost host, string program, string file, string sample, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("walletfunctions-readme-");
        try
        {
            var address = host.Client.BaseAddress!.AbsoluteUri.TrimEnd('/');
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, file), sample.Replace(Address, address, StringComparison.Ordinal));
            var run = await ChildProcess.RunAsync(program, [.. arguments, file], folder.FullName);
            Assert.True(run.ExitCode is 0, $"{sample}\n{run.Output}\n{run.Errors}");
            return run.Output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

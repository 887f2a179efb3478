using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>The documents are correct: their samples are extracted and run, and the paths that they name exist.</summary>
public sealed partial class ReadmeTests
{
    private const string Address = "http://localhost:7071";

    private static readonly Client CSharp = new("csharp", "using System.Text.Json;", "delink.cs", "dotnet", "run");
    private static readonly Client Node = new("js", "// The outcome", "delink.mjs", "node");
    private static readonly Client Python = new("python", "import json", "delink.py", "python3");

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
    public Task Client_InCSharp_PrintsWhatTheReadmeShows() => AssertPrintsAsync(CSharp);

    [ProgramFact("node")]
    public Task Client_InNode_PrintsWhatTheReadmeShows() => AssertPrintsAsync(Node);

    [ProgramFact("python3")]
    public Task Client_InPython_PrintsWhatTheReadmeShows() => AssertPrintsAsync(Python);

    /// <summary>A caller repeats a call after Juspay failed, at the time given in Retry-After. The host's clock is fixed, so only the caller waits.</summary>
    [ProgramFact("python3")]
    public async Task Client_WhenJuspayThrottlesForASecond_RepeatsAndPrintsTheSame()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault { Status = 429, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = "1" } });

        Assert.Equal(Expected(), await RunAsync(host, Python));
        Assert.Equal(3, host.Delinks);
    }

    [ProgramFact("dotnet")]
    public Task Client_InCSharp_RepeatsWhatGotNoAnswerAndTakesNoPageForDone() => AssertCopesAsync(CSharp);

    [ProgramFact("node")]
    public Task Client_InNode_RepeatsWhatGotNoAnswerAndTakesNoPageForDone() => AssertCopesAsync(Node);

    [ProgramFact("python3")]
    public Task Client_InPython_RepeatsWhatGotNoAnswerAndTakesNoPageForDone() => AssertCopesAsync(Python);

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
    public void Version_IsInOnePlaceAndInTheChangelog()
    {
        Assert.Contains($"<Version>{ProductVersion.Text}</Version>", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        Assert.Contains($"\n## [{ProductVersion.Text}]", Repository.Read(".github/CHANGELOG.md"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Repository.Root(), "*.csproj", SearchOption.AllDirectories),
            project => File.ReadAllText(project).Contains("<Version>", StringComparison.Ordinal));
    }

    private static async Task AssertPrintsAsync(Client client)
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal(Expected(), await RunAsync(host, client));
        Assert.False(host.IsLinked(TestHost.Paytm));
    }

    /// <summary>
    /// Answers that the product does not send: the client repeats after a reset connection and after an empty 500, and does not take a page with status 200 for
    /// a delink.
    /// </summary>
    private static async Task AssertCopesAsync(Client client)
    {
        await using (var host = await StartAsync(
            context =>
            {
                context.Abort();
                return Task.CompletedTask;
            },
            context =>
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            }))
        {
            Assert.Equal(Expected(), await RunAsync(host, client));
            Assert.False(host.IsLinked(TestHost.Paytm));
        }

        await using (var host = await StartAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html><body>Your Functions app is up and running</body></html>");
        }))
        {
            Assert.Equal(Expected().Replace(": done", ": not done, 200", StringComparison.Ordinal), await RunAsync(host, client));
            Assert.True(host.IsLinked(TestHost.Paytm));
        }

        static Task<TestHost> StartAsync(params RequestDelegate[] first) =>
            TestHost.StartAsync(configure: (builder, _, _) => builder.Services.AddSingleton<IStartupFilter>(new Before(first)));
    }

    private static string Sample(string language, string start) =>
        Assert.Single(Blocks(), block => block.Language == language && block.Text.StartsWith(start, StringComparison.Ordinal)).Text;

    private static string Expected() => Assert.Single(Blocks(), block => block.Language is "text").Text;

    private static IEnumerable<(string Language, string Text)> Blocks() =>
        Block.Matches(Repository.Read("README.md")).Select(block => (block.Groups["language"].Value, block.Groups["text"].Value));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static Task<string> RunAsync(TestHost host, Client client) =>
        RunAsync(host, client.Program, client.File, Sample(client.Language, client.Start), client.Arguments);

    /// <summary>Returns what a sample prints when it is run as the README describes, with the address of this test's host.</summary>
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

    /// <summary>A client sample: how to find it in the README, and how to run it.</summary>
    private sealed record Client(string Language, string Start, string File, string Program, params string[] Arguments);

    /// <summary>Answers the first requests in place of the local host.</summary>
    private sealed class Before(params RequestDelegate[] first) : IStartupFilter
    {
        private readonly Queue<RequestDelegate> _first = new(first);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, others) => _first.TryDequeue(out var answer) ? answer(context) : others(context));
            next(app);
        };
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests;

/// <summary>The samples in the documents run as they are written, and print what the documents show.</summary>
public sealed partial class ReadmeTests
{
    private const string Address = "http://localhost:7071";
    private const string Readme = "README.md";
    private const string Contract = "src/WalletFunctions.Core/Http/README.md";
    private const string Webhooks = "src/WalletFunctions.Core/Webhooks/README.md";

    private static readonly Client CSharp = new(Contract, "csharp", "using System.Text.Json;", "delink.cs", "dotnet", "run");
    private static readonly Client Node = new(Readme, "js", "// The outcome", "delink.mjs", "node");
    private static readonly Client Python = new(Contract, "python", "import json", "delink.py", "python3");
    private static readonly Client Php = new(Contract, "php", "<?php", "delink.php", "php");
    private static readonly Client Java = new(Contract, "java", "import java.io.IOException;", "Delink.java", "java");

    private static readonly Client ShellSender = new(Webhooks, "sh", "secret=", "event.sh", "sh");
    private static readonly Client NodeSender = new(Webhooks, "js", "import { createHmac }", "event.mjs", "node");
    private static readonly Client CSharpSender = new(Webhooks, "csharp", "var secret", "event.cs", "dotnet", "run");

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [GeneratedRegex(@"^### (?<status>[0-9]{3}): .*\n(?<method>[A-Z]+) (?<path>\S+)\n(?<headers>(?:[A-Za-z-]+: .*\n)*)(?:\n(?<body>[^#\s].*)\n)?", RegexOptions.Multiline)]
    private static partial Regex Request { get; }

    [ProgramFact("curl")]
    public async Task Curl_AtTheTop_PrintsWhatTheReadmeShows()
    {
        var blocks = Blocks(Readme).ToArray();
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

    [ProgramFact("php")]
    public Task Client_InPhp_PrintsWhatTheReadmeShows() => AssertPrintsAsync(Php);

    [ProgramFact("java")]
    public Task Client_InJava_PrintsWhatTheReadmeShows() => AssertPrintsAsync(Java);

    /// <summary>Juspay fails, and the caller repeats after Retry-After. The host's clock does not advance, so only the caller waits.</summary>
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

    [ProgramFact("php")]
    public Task Client_InPhp_RepeatsWhatGotNoAnswerAndTakesNoPageForDone() => AssertCopesAsync(Php);

    [ProgramFact("java")]
    public Task Client_InJava_RepeatsWhatGotNoAnswerAndTakesNoPageForDone() => AssertCopesAsync(Java);

    /// <summary>A reader saves a sample under the name in its document, and starts it with the command there.</summary>
    [Fact]
    public void Sample_IsRunAsItsDocumentSays() => Assert.All(
        [CSharp, Node, Python, Php, Java, ShellSender, NodeSender, CSharpSender],
        client => Assert.Contains($"`{string.Join(' ', [client.Program, .. client.Arguments, client.File])}`", Repository.Read(client.Document), StringComparison.Ordinal));

    [ProgramFact("openssl")]
    public Task Sender_InTheShell_DelinksTheCustomer() => AssertClosesTheCustomerAsync(ShellSender);

    [ProgramFact("node")]
    public Task Sender_InNode_DelinksTheCustomer() => AssertClosesTheCustomerAsync(NodeSender);

    [ProgramFact("dotnet")]
    public Task Sender_InCSharp_DelinksTheCustomer() => AssertClosesTheCustomerAsync(CSharpSender);

    [Fact]
    public async Task Banner_IsWhatTheReadmeShows()
    {
        await using var host = await LocalHostApp.StartAsync(["--urls", "http://127.0.0.1:0"]);

        var shown = Assert.Single(Blocks(Readme), block => block.Language is "console").Text;

        Assert.Contains(shown, await Banner.ForAsync(host), StringComparison.Ordinal);
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
    /// Answers that are not from the product: a broken connection without an answer and an empty 500 are repeated; a page with status 200 is not a delink.
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

    private static async Task AssertClosesTheCustomerAsync(Client sender)
    {
        await using var host = await TestHost.StartAsync();
        // The samples sign with the real time.
        host.Time.AdjustTime(TimeProvider.System.GetUtcNow());

        var printed = await RunAsync(host, sender);

        Assert.Contains("\"outcome\":\"delinked\"", printed, StringComparison.Ordinal);
        Assert.False(host.IsLinked(TestHost.Paytm));
    }

    private static string Sample(Client client) => Assert.Single(
        Blocks(client.Document), block => block.Language == client.Language && block.Text.StartsWith(client.Start, StringComparison.Ordinal)).Text;

    private static string Expected() => Assert.Single(Blocks(Readme), block => block.Language is "text").Text;

    private static IEnumerable<(string Language, string Text)> Blocks(string document) =>
        Block.Matches(Repository.Read(document)).Select(block => (block.Groups["language"].Value, block.Groups["text"].Value));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static Task<string> RunAsync(TestHost host, Client client) =>
        RunAsync(host, client.Program, client.File, Sample(client), client.Arguments);

    /// <summary>Returns what a sample prints when it is run as its document says, with the address of this test's host.</summary>
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

    /// <summary>A sample: where it is in the documents, and how it is run.</summary>
    private sealed record Client(string Document, string Language, string Start, string File, string Program, params string[] Arguments);

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

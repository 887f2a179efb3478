using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The commands to the simulators in the local host's README, sent by curl to a local host in a process of its own, with the real clock.</summary>
public sealed partial class SimulatorBlockTests
{
    /// <summary>A comment and the command below it. The first three-digit number in the comment is the status of the next delink.</summary>
    [GeneratedRegex(@"^# (?<comment>.*?(?<status>\b[0-9]{3}\b).*)\n(?<command>curl .*)$", RegexOptions.Multiline)]
    private static partial Regex Order { get; }

    [GeneratedRegex(@"## Simulate failures\n.*?^```sh\n(?<block>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section { get; }

    [ProgramFact("curl")]
    public async Task Block_PastedAsAWhole_EndsWithADelinkThatIs200()
    {
        await using var host = await LocalHostProcess.StartAsync();

        var run = await ChildProcess.RunAsync("sh", ["-c", host.AtItsAddress(Block)], Path.GetTempPath());

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(Order.Count(Block), lines.Length);
        Assert.Equal(200, lines[0].GetProperty("status").GetInt32());
        Assert.All(lines[1..^1], line => Assert.NotEmpty(line.GetProperty("done").GetString()!));
        Assert.False(lines[^1].GetProperty("linked").GetBoolean(), run.Output);
        Assert.Equal(200, await host.DelinkAsync());
    }

    [ProgramTheory("curl")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EachCommand_AloneAndInTurn_IsFollowedByTheDelinkOfItsComment(bool alone)
    {
        await using var host = await LocalHostProcess.StartAsync();
        var orders = Order.Matches(Block).Select(order => (
            Command: order.Groups["command"].Value, Expected: $"{order.Groups["comment"].Value} -> {order.Groups["status"].Value}", Comment: order.Groups["comment"].Value)).ToArray();
        Assert.Equal(Block.Split('\n').Count(line => line.StartsWith("curl ", StringComparison.Ordinal)), orders.Length);

        foreach (var order in orders)
        {
            if (alone)
            {
                using var reset = await host.Client.PostAsync(new Uri("/_simulator/reset", UriKind.Relative), content: null);
                Assert.True(reset.IsSuccessStatusCode);
            }

            var run = await ChildProcess.RunAsync("sh", ["-c", host.AtItsAddress(order.Command)], Path.GetTempPath());

            Assert.True(run.ExitCode is 0 && !run.Output.Contains("\"error\"", StringComparison.Ordinal), $"{order.Command}\n{run.Output}\n{run.Errors}");
            Assert.Equal(order.Expected, $"{order.Comment} -> {await host.DelinkAsync()}");
        }
    }

    private static string Block => Section.Match(Repository.Read("src/WalletFunctions.LocalHost/README.md")).Groups["block"].Value;

    /// <summary>A local host, started as a developer starts it.</summary>
    private sealed class LocalHostProcess : IAsyncDisposable
    {
        private readonly Process _process;

        private LocalHostProcess(Process process, Uri address)
        {
            _process = process;
            Client = new HttpClient { BaseAddress = address };
        }

        public HttpClient Client { get; }

        public static async Task<LocalHostProcess> StartAsync()
        {
            var program = typeof(WalletFunctions.LocalHost.LocalHostApp).Assembly.Location;
            var process = Process.Start(new ProcessStartInfo(ProgramFactAttribute.Find("dotnet")!, [program, "--urls", "http://127.0.0.1:0"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            Match address;
            do
            {
                var line = await process.StandardOutput.ReadLineAsync();
                Assert.True(line is not null, "The local host does not start.");
                address = Regex.Match(line, "local host at (?<url>http://.*)$");
            }
            while (!address.Success);

            _ = process.StandardOutput.ReadToEndAsync();
            return new LocalHostProcess(process, new Uri(address.Groups["url"].Value));
        }

        public string AtItsAddress(string commands) => commands.Replace("http://localhost:7071", Client.BaseAddress!.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);

        public async Task<int> DelinkAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{TestHost.Paytm}") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
            request.Headers.Add("x-functions-key", TestHost.Key);
            request.Headers.Add("x-routing-id", TestHost.Customer);
            using var answer = await Client.SendAsync(request);
            return (int)answer.StatusCode;
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}

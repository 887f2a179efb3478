using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using WalletFunctions.LocalHost;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The local host as a process: how it stops, and how it says that it cannot start.</summary>
public sealed class StopTests
{
    [ProgramFact("kill")]
    public async Task Interrupt_WithARequestInFlight_SaysWhatItWaitsForAndASecondOneEndsAtOnce()
    {
        using var host = Start("--urls", "http://127.0.0.1:0");
        var address = new Uri((await LineAsync(host, "local host at "))!.Split(' ')[^1]);
        await LineAsync(host, "Press Ctrl+C to stop.");
        using var client = new HttpClient { BaseAddress = address };
        using var never = await client.PostAsync(new Uri("/_simulator/faults", UriKind.Relative), new StringContent("""{"delayMs":-1,"count":9}"""));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{TestHost.Paytm}") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("x-functions-key", "local-key");
        request.Headers.Add("x-routing-id", TestHost.Customer);
        var answer = client.SendAsync(request);
        while (!(await client.GetStringAsync(new Uri("/_simulator", UriKind.Relative))).Contains("command=delink", StringComparison.Ordinal))
        {
            Assert.False(answer.IsCompleted);
        }

        await ChildProcess.RunAsync("kill", ["-INT", $"{host.Id}"], Path.GetTempPath());
        Assert.Equal(
            "Waiting for the answers to: 1 x POST /wallets/{walletId}. Press Ctrl+C again to stop at once.", await LineAsync(host, "Waiting for the answers"));
        Assert.False(host.HasExited);
        await ChildProcess.RunAsync("kill", ["-INT", $"{host.Id}"], Path.GetTempPath());
        await host.WaitForExitAsync();

        Assert.Equal(130, host.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => answer);
    }

    [ProgramFact("kill")]
    public async Task Interrupt_WithoutRequests_EndsWithoutANotice()
    {
        using var host = Start("--urls", "http://127.0.0.1:0");
        await LineAsync(host, "Press Ctrl+C to stop.");

        await ChildProcess.RunAsync("kill", ["-INT", $"{host.Id}"], Path.GetTempPath());
        // A shell that starts the tests in the background makes them, and so the host, ignore the signal.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var rest = await host.StandardOutput.ReadToEndAsync(limit.Token);
        await host.WaitForExitAsync(limit.Token);

        Assert.Equal(0, host.ExitCode);
        // The console writes lines of the log in the background, perhaps after the banner.
        Assert.DoesNotContain(rest.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.StartsWith("info: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_AtAnUnusableAddress_IsRefusedInOneLine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        foreach (var (urls, line) in new[]
        {
            ("7072", "^urls must be http addresses of this machine, .+\\. Example: http://localhost:7072\n$"),
            ("http://192.0.2.1:7072", "^.+\\. Choose another address: dotnet run --project src/WalletFunctions.LocalHost --urls http://localhost:7072\n$"),
            ($"http://{taken.LocalEndpoint}", "^.+ address already in use\\. Choose another address: .+\n$"),
        })
        {
            using var host = Start("--urls", urls);
            var errors = await host.StandardError.ReadToEndAsync();
            await host.WaitForExitAsync();

            Assert.Equal(1, host.ExitCode);
            Assert.Matches(line, errors.ReplaceLineEndings("\n"));
        }
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [typeof(LocalHostApp).Assembly.Location, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!;

    /// <summary>Reads the output up to the first line with a text.</summary>
    private static async Task<string?> LineAsync(Process host, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        string? line;
        do
        {
            line = await host.StandardOutput.ReadLineAsync(limit.Token);
        }
        while (line?.Contains(text, StringComparison.Ordinal) is false);

        return line;
    }
}

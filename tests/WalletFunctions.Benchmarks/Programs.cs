using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WalletFunctions.Benchmarks;

/// <summary>The compared programs, published with ReadyToRun like the Functions app.</summary>
internal static class Programs
{
    private const string Name = "WalletFunctions.Benchmarks.Programs";

    /// <summary>Publishes them and returns the path of the program.</summary>
    // The lock files of the referenced projects have no runtime identifier, and are not changed.
    public static async Task<string> PublishAsync()
    {
        var output = Path.Combine(AppContext.BaseDirectory, "programs");
        var project = Path.Combine(Results.Folder, "..", "Programs", Name + ".csproj");
        var arguments = $"publish \"{project}\" --configuration Release --output \"{output}\" "
            + "-property:NuGetLockFilePath=obj/publish.lock.json -property:RestoreLockedMode=false -nologo";
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode is 0 ? Path.Combine(output, Name + ".dll") : throw new InvalidOperationException(said);
    }

    /// <summary>Starts one of them.</summary>
    /// <param name="path">The result of <see cref="PublishAsync"/>.</param>
    /// <param name="mode">Which.</param>
    /// <param name="simulators">The simulators that it uses.</param>
    /// <returns>The process, and the port that it will listen on.</returns>
    public static (Process Process, int Port) Start(string path, string mode, Simulators simulators)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { path, mode, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}") })
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in simulators.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return (process, port);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Diagnostics;

namespace WalletFunctions.Tests.Support;

/// <summary>The result of running another program.</summary>
/// <param name="ExitCode">0 if it succeeded.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record ChildProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program.</summary>
    /// <param name="program">Its name on the path, or its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables that are added to those of this process, or replace them.</param>
    public static async Task<ChildProcess> RunAsync(
        string program, IEnumerable<string> arguments, string folder, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // The variables of the build around this test must not affect a build that the program starts.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ChildProcess(process.ExitCode, await output, await errors);
    }
}

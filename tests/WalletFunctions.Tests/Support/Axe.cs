using System.Diagnostics;

namespace WalletFunctions.Tests.Support;

/// <summary>A test that needs Chromium and axe-core, and gives the reason if it is skipped.</summary>
public sealed class AxeFactAttribute : FactAttribute
{
    public AxeFactAttribute() => Skip = new BrowserFactAttribute().Skip ?? Axe.WhyNot;
}

/// <summary>The rules of axe-core, an npm package that finds what keeps people from using a page.</summary>
internal static class Axe
{
    private const string Version = "4.14.1";

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"walletfunctions-axe-{Version}");
    private static readonly string Script = Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js");
    private static readonly Lazy<string?> Installed = new(Install);

    /// <summary>Why it cannot be used here; null if it can.</summary>
    public static string? WhyNot => Installed.Value;

    /// <summary>Returns the ids of the rules that the page violates, each with the first element that does.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ViolationsAsync(Chromium page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(Script) + ";0");
        var violations = await page.EvaluateAsync("axe.run().then(result => result.violations.map(rule => [rule.id, rule.nodes[0].html]))");
        return violations!.AsArray().ToDictionary(rule => rule![0]!.GetValue<string>(), rule => rule![1]!.GetValue<string>());
    }

    private static string? Install()
    {
        try
        {
            Directory.CreateDirectory(Folder);
            if (File.Exists(Script))
            {
                return null;
            }

            using var npm = Process.Start(new ProcessStartInfo(
                OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
                ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", $"axe-core@{Version}"])
            {
                WorkingDirectory = Folder,
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            return npm.WaitForExit(TimeSpan.FromMinutes(1)) && npm.ExitCode is 0 ? null : $"npm cannot install axe-core {Version} here.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "node and npm are not installed.";
        }
    }
}

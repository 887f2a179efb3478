using System.ComponentModel;
using System.Diagnostics;

namespace WalletFunctions.Tests.Support;

/// <summary>Packages from npm in a temporary folder, where later runs find them.</summary>
internal sealed class NpmPackages
{
    private readonly string[] _packages;
    private readonly Lazy<string?> _whyNot;

    /// <param name="name">The name of the folder.</param>
    /// <param name="otherwise">What is not tested without the packages, as the end of a sentence.</param>
    /// <param name="packages">Each with its version, such as <c>svix@2.5.0</c>.</param>
    public NpmPackages(string name, string otherwise, params string[] packages)
    {
        Folder = Path.Combine(Path.GetTempPath(), "walletfunctions-" + name);
        _packages = packages;
        _whyNot = new(() => Install() is { } problem ? $"{problem}, so {otherwise}." : null);
    }

    public string Folder { get; }

    /// <summary>Why they cannot be used here; null if they can. The first use installs them.</summary>
    public string? WhyNot => _whyNot.Value;

    /// <summary>The path of a file of a package.</summary>
    public string PathOf(params string[] file) => Path.Combine([Folder, "node_modules", .. file]);

    private bool IsInstalled(string package)
    {
        var at = package.LastIndexOf('@');
        var manifest = PathOf(package[..at], "package.json");
        return File.Exists(manifest) && File.ReadAllText(manifest).Contains($"\"version\": \"{package[(at + 1)..]}\"", StringComparison.Ordinal);
    }

    private string? Install()
    {
        if (ProgramFactAttribute.Find("node", "node.exe") is null)
        {
            return "node and npm are not installed";
        }

        if (Array.TrueForAll(_packages, IsInstalled))
        {
            return null;
        }

        Directory.CreateDirectory(Folder);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(
                OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", .. _packages])
            {
                WorkingDirectory = Folder,
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            npm.BeginOutputReadLine();
            npm.BeginErrorReadLine();
            return npm.WaitForExit(TimeSpan.FromMinutes(3)) && npm.ExitCode is 0 ? null : $"npm cannot install {string.Join(", ", _packages)} here";
        }
        catch (Win32Exception)
        {
            return "node and npm are not installed";
        }
    }
}

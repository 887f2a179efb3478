using WalletFunctions.Tests.Support;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>Builds the repository with package feeds that lack the packages of the Functions worker.</summary>
public sealed class FeedTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("walletfunctions-feed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Solution_WithoutTheWorkersPackages_IsRestoredWithoutTheAppAndSaysSoOnce()
    {
        var environment = CopyRepository();

        // Every project has this target. It needs all packages of the project but compiles nothing.
        var (succeeded, output) = await PublishedApp.RunAsync(
            _folder.FullName, environment, ["msbuild", "WalletFunctions.sln", "-restore", "-target:ResolvePackageAssets", "-nodeReuse:false", "-nologo"]);

        Assert.True(succeeded, output);
        var warning = Assert.Single(output.Split('\n'), line => line.Contains("warning", StringComparison.Ordinal));
        Assert.Contains("The Azure Functions app is left out, and tests that run it are skipped", warning, StringComparison.Ordinal);
        Assert.Matches(@"NU1101: Unable to find package Microsoft\.Azure\.Functions\.Worker", warning);
        Assert.Contains("Everything else is built and tested", warning, StringComparison.Ordinal);
        string[] restored = [.. Directory.EnumerateFiles(_folder.FullName, "*.csproj.nuget.g.props", SearchOption.AllDirectories).Select(file => Path.GetFileName(file).Split(".csproj")[0])];
        Assert.All(
            ["WalletFunctions.Core", "WalletFunctions.Telemetry", "WalletFunctions.LocalHost", "WalletFunctions.Tests", "WalletFunctions.Benchmarks", "WalletFunctions.Infrastructure.Tests"],
            project => Assert.Contains(project, restored));
    }

    [Fact]
    public async Task App_WithoutTheWorkersPackages_IsNotTested()
    {
        var environment = CopyRepository();

        var missing = await Assert.ThrowsAsync<PublishedApp.PackagesMissingException>(
            () => PublishedApp.PublishAsync(_folder.FullName, "src/WalletFunctions", [], environment));

        Assert.Contains("Microsoft.Azure.Functions.Worker", missing.Message, StringComparison.Ordinal);
    }

    /// <summary>Copies the sources, and creates a packages folder without the worker's packages and an empty feed.</summary>
    /// <returns>The environment variables with which NuGet uses that folder.</returns>
    private Dictionary<string, string> CopyRepository()
    {
        Copy(new DirectoryInfo(Repository.Root()), _folder);
        var feed = _folder.CreateSubdirectory("feed");
        File.WriteAllText(
            Path.Combine(_folder.FullName, "nuget.config"), $"<configuration><packageSources><clear /><add key=\"feed\" value=\"{feed.FullName}\" /></packageSources></configuration>");
        var packages = _folder.CreateSubdirectory("packages");
        foreach (var package in new DirectoryInfo(PackagesFolder()).EnumerateDirectories().Where(package => !package.Name.StartsWith("microsoft.azure.functions.worker", StringComparison.Ordinal)))
        {
            Directory.CreateSymbolicLink(Path.Combine(packages.FullName, package.Name), package.FullName);
        }

        return new(StringComparer.Ordinal) { ["NUGET_PACKAGES"] = packages.FullName };
    }

    private static string PackagesFolder() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var entry in from.EnumerateFileSystemInfos().Where(entry => entry.Name is not ("bin" or "obj" or "artifacts" or "TestResults" or "StrykerOutput" or ".git")))
        {
            if (entry is DirectoryInfo folder)
            {
                Copy(folder, to.CreateSubdirectory(folder.Name));
            }
            else
            {
                File.Copy(entry.FullName, Path.Combine(to.FullName, entry.Name));
            }
        }
    }
}

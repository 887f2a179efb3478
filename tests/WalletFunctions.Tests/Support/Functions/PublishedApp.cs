using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>A Functions app as <c>dotnet publish</c> makes it, published again only when its sources are newer.</summary>
/// <param name="Folder">What is deployed.</param>
/// <param name="Assembly">The file in it that <c>dotnet</c> starts.</param>
/// <param name="BuiltFolder">The same assemblies as the build left them, not compiled ahead of time, so that this process can load them.</param>
internal sealed partial record PublishedApp(string Folder, string Assembly, string BuiltFolder)
{
    /// <summary>Says that the publishing of a project failed because no configured feed has its packages.</summary>
    public sealed class PackagesMissingException(string project, string error)
        : Exception($"{project} cannot be restored, since the configured package feeds lack packages: {error}");

    /// <summary>NuGet's errors for a package or a version that no feed has. NU1603 is a version that was replaced by a newer one.</summary>
    [GeneratedRegex(@"error (NU1101|NU1102|NU1103|NU1603):[^\n]*")]
    private static partial Regex MissingPackage { get; }

    /// <summary>Restores, builds and publishes a project, in folders of its own, so that a build that runs at the same time is not disturbed.</summary>
    /// <param name="root">The folder of the repository.</param>
    /// <param name="project">The project's folder, relative to the repository's.</param>
    /// <param name="sources">Further files and folders, relative to the repository's, whose changes require publishing again.</param>
    /// <param name="environment">Further variables for the commands.</param>
    /// <param name="property">A property to publish it with, <c>name=value</c>, in a folder of its own.</param>
    /// <exception cref="PackagesMissingException">The feeds lack packages.</exception>
    /// <exception cref="InvalidOperationException">Anything else failed; the message is what was printed.</exception>
    public static async Task<PublishedApp> PublishAsync(
        string root, string project, string[] sources, IReadOnlyDictionary<string, string>? environment = null, string? property = null)
    {
        var name = Path.GetFileName(project);
        var artifacts = Path.Combine(root, "artifacts", property is null ? "published" : "published-" + property);
        var (bin, publish) = (Path.Combine(artifacts, "bin", name, "release_linux-x64"), Path.Combine(artifacts, "publish", name, "release_linux-x64"));
        var app = new PublishedApp(publish, Path.Combine(publish, name + ".dll"), bin);
        var stamp = new FileInfo(Path.Combine(artifacts, name + ".stamp"));
        if (stamp.Exists && File.Exists(app.Assembly) && NewestChange([.. sources.Append(project).Select(source => Path.Combine(root, source))]) < stamp.LastWriteTimeUtc)
        {
            return app;
        }

        var startedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
        // A build server would outlive the command and keep its standard output open, so reading it would never end.
        string[] options =
        [
            Path.Combine(root, project), "--artifacts-path", artifacts, "--disable-build-servers", "-nologo",
            .. property is null ? Array.Empty<string>() : ["-property:" + property],
        ];
        var (restored, restoring) = await RunAsync(root, environment, ["restore", .. options]);
        if (!restored && MissingPackage.Match(restoring) is { Success: true } missing)
        {
            throw new PackagesMissingException(project, missing.Value);
        }

        var (published, publishing) = restored ? await RunAsync(root, environment, ["publish", .. options, "--no-restore"]) : (false, restoring);
        if (!published)
        {
            throw new InvalidOperationException($"{project} cannot be published: {publishing}");
        }

        await File.WriteAllTextAsync(stamp.FullName, "");
        File.SetLastWriteTimeUtc(stamp.FullName, startedAt);
        return app;
    }

    /// <summary>When one of these files, or something in one of these folders, changed last. Folders that the build writes are left out.</summary>
    private static DateTime NewestChange(string[] paths) => paths
        .SelectMany(path => Directory.Exists(path) ? SourcesIn(new DirectoryInfo(path)) : [new FileInfo(path)])
        .Max(source => source.LastWriteTimeUtc);

    private static IEnumerable<FileSystemInfo> SourcesIn(DirectoryInfo folder) => folder.EnumerateFileSystemInfos()
        .Where(entry => entry.Name is not ("bin" or "obj"))
        .SelectMany(entry => entry is DirectoryInfo inner ? SourcesIn(inner) : [entry])
        // The removal of a file changes its folder.
        .Append(folder);

    internal static async Task<(bool Succeeded, string Output)> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode is 0, output);
    }
}

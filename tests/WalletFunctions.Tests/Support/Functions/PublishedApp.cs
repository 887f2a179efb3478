using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>A Functions app published with <c>dotnet publish</c>, and published again only if its sources are newer.</summary>
/// <param name="Folder">The folder that would be deployed.</param>
/// <param name="Assembly">The file in the folder that <c>dotnet</c> starts.</param>
/// <param name="BuiltFolder">The folder of the same assemblies before ahead-of-time compilation, so that this process can load them.</param>
internal sealed partial record PublishedApp(string Folder, string Assembly, string BuiltFolder)
{
    /// <summary>Publishing a project failed because no configured feed has its packages.</summary>
    public sealed class PackagesMissingException(string project, string error)
        : Exception($"{project} cannot be restored, since the configured package feeds lack packages: {error}");

    /// <summary>NuGet's errors for a package or a version that no feed has. NU1603 is a version that was replaced by a newer one.</summary>
    [GeneratedRegex(@"error (NU1101|NU1102|NU1103|NU1603):[^\n]*")]
    private static partial Regex MissingPackage { get; }

    /// <summary>Restores, builds and publishes a project in separate folders, so that a concurrent build is not disturbed.</summary>
    /// <param name="root">The folder of the repository.</param>
    /// <param name="project">The project's folder, relative to the repository's.</param>
    /// <param name="sources">Additional files and folders, relative to the repository's, whose changes require publishing again.</param>
    /// <param name="environment">Additional environment variables for the commands.</param>
    /// <param name="property">An MSBuild property, <c>name=value</c>. With it, the app is published to a separate folder.</param>
    /// <exception cref="PackagesMissingException">The feeds lack packages.</exception>
    /// <exception cref="InvalidOperationException">Publishing failed for another reason. The message is the output of the command.</exception>
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
        // A build server would outlive the command and keep its standard output open, so that reading the output would not end.
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

    /// <summary>Returns the time of the last change of these files and of the files in these folders. Ignores folders that the build writes.</summary>
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

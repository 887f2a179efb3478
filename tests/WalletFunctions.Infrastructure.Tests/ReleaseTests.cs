using System.Diagnostics;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>A tag becomes a release only if the changelog describes it.</summary>
public sealed class ReleaseTests
{
    private const string Released = "## [Unreleased]\n\n## [1.2.0] - 2027-01-15\n\n### Added\n\n- A route.\n\n## [1.1.0] - 2026-12-01\n\n- Older.\n";

    [Fact]
    public async Task Tag_WithADatedSection_GetsItsNotes() =>
        Assert.Equal((0, "\n### Added\n\n- A route.\n", ""), await NotesAsync("v1.2.0", Released));

    [Theory]
    [InlineData("v1.2.1", "", "", "The tag is v1.2.1, and <Version> in Directory.Build.props is 1.2.0.")]
    [InlineData("v1.2.0", " - 2027-01-15", "", ".github/CHANGELOG.md has no dated section of 1.2.0.")]
    [InlineData("v1.2.0", "## [1.2.0] - 2027-01-15", "## [1x2.0] - 2027-01-15", ".github/CHANGELOG.md has no dated section of 1.2.0.")]
    [InlineData("v1.2.0", "## [Unreleased]\n", "## [Unreleased]\n\n- Another route.\n", ".github/CHANGELOG.md has entries under [Unreleased]")]
    [InlineData("v1.2.0", "### Added\n\n- A route.\n", "", "The section of 1.2.0 in .github/CHANGELOG.md is empty.")]
    public async Task Tag_WhoseChangelogIsNotReady_IsRefused(string tag, string part, string replacement, string refusal)
    {
        var (exitCode, output, errors) = await NotesAsync(tag, part is "" ? Released : Released.Replace(part, replacement, StringComparison.Ordinal));

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(refusal, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Workflow_ReleasesATagWithWhatTheScriptMade()
    {
        var workflow = Repository.Read(".github", "workflows", "release.yml");
        string[] steps =
        [
            "tags: [\"v*\"]\n", ".ci/release notes \"$GITHUB_REF_NAME\"\n", "- run: .ci/run\n", ".ci/release build \"$GITHUB_REF_NAME\"\n",
            "subject-path: artifacts/release/walletfunctions-*\n", "--notes-file notes.md", "walletfunctions-* SHA256SUMS\n",
        ];

        var places = steps.Select(step => workflow.IndexOf(step, StringComparison.Ordinal)).ToArray();

        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    /// <summary>Runs the script in a copy that has a version and a changelog of this test.</summary>
    private static async Task<(int ExitCode, string Output, string Errors)> NotesAsync(string tag, string changelog)
    {
        var folder = Directory.CreateTempSubdirectory("walletfunctions-release-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, ".ci"));
            Directory.CreateDirectory(Path.Combine(folder.FullName, ".github"));
            File.Copy(Path.Combine(Repository.Root, ".ci", "release"), Path.Combine(folder.FullName, ".ci", "release"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Directory.Build.props"), "<Project>\n  <Version>1.2.0</Version>\n</Project>\n");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, ".github", "CHANGELOG.md"), changelog);
            using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(folder.FullName, ".ci", "release"), "notes", tag])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
            var output = script.StandardOutput.ReadToEndAsync();
            var errors = script.StandardError.ReadToEndAsync();
            await script.WaitForExitAsync();
            return (script.ExitCode, await output, await errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

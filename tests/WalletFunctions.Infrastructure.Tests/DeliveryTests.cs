using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>The deployment installs the app, and its identity may do nothing else.</summary>
public sealed partial class DeliveryTests
{
    private const string AppProject = "src/WalletFunctions";

    [GeneratedRegex(@"uses: (?<action>\S+)(?<rest>.*)")]
    private static partial Regex Uses { get; }

    [GeneratedRegex(@"package-ecosystem: (?<ecosystem>\S+)(?:(?!package-ecosystem).)*?cooldown:\s+default-days: (?<days>\d+)", RegexOptions.Singleline)]
    private static partial Regex Cooldown { get; }

    [GeneratedRegex(@"^(?<indent> +)(?:- )?run: (?:\|\n(?<script>(?:\k<indent> +.*\n|\n)+)|(?<script>.+\n))", RegexOptions.Multiline)]
    private static partial Regex Run { get; }

    public static TheoryData<string> Workflows =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, ".github", "workflows")).Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_PinsActionsByTheirHash(string file)
    {
        var all = Uses.Matches(Workflow(file));
        var actions = all.Where(uses => !uses.Groups["action"].Value.StartsWith("./", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(all);
        Assert.All(actions, uses =>
        {
            Assert.Matches("@[0-9a-f]{40}$", uses.Groups["action"].Value);
            Assert.Matches(@"^ # v\d+\.\d+\.\d+$", uses.Groups["rest"].Value);
        });
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_MayDoNothingByDefaultAndKnowsNoSecret(string file)
    {
        var workflow = Workflow(file);

        Assert.Contains("\npermissions: {}\n", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets.", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets: inherit", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("pull_request_target", workflow, StringComparison.Ordinal);
        Assert.Equal(workflow.Split("actions/checkout@").Length, workflow.Split("persist-credentials: false").Length);
    }

    /// <summary>An expression in a script is executed with any content; in <c>env</c> it is only a value.</summary>
    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_PutsNoExpressionIntoAScript(string file)
    {
        var scripts = Run.Matches(Workflow(file));

        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.DoesNotContain("${{", script.Groups["script"].Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ci.yml")]
    [InlineData("deploy-to.yml")]
    public void Workflow_ProvisionsWithThePinnedBicepAndAllParameters(string file)
    {
        var bicep = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key is "Bicep").Value!;
        var version = bicep.Split('/', '\\')[^3];

        Assert.Contains($"az bicep install --version v{version}\n", Workflow(file), StringComparison.Ordinal);
        Assert.All(Bicep.OperatorsVariableNames, name => Assert.Contains($"{name}: ${{{{ vars.{name} }}}}\n", Workflow(file), StringComparison.Ordinal));
    }

    [Fact]
    public void DeployWorkflowAndAzd_PackTheFunctionsApp()
    {
        var azd = Repository.Read("azure.yaml");
        var module = Regex.Match(azd, @"module: (\S+)").Groups[1].Value;
        var service = Regex.Match(azd, @"services:\n  (\S+):").Groups[1].Value;

        var deploy = Workflow("deploy.yml");

        Assert.Contains($"dotnet publish {AppProject} --configuration Release --output artifacts/functions\n", deploy, StringComparison.Ordinal);
        Assert.Contains("cd artifacts/functions\n", deploy, StringComparison.Ordinal);
        Assert.Contains($"project: {AppProject}\n", azd, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Repository.Root, AppProject, "WalletFunctions.csproj")));
        Assert.True(File.Exists(Path.Combine(Repository.Infra, module + ".bicep")) && File.Exists(Path.Combine(Repository.Infra, module + ".parameters.json")));
        // azd would use this file instead, and could not ask for the values that a parameter file reads from the environment.
        Assert.False(File.Exists(Path.Combine(Repository.Infra, module + ".bicepparam")));
        Assert.All(Deployments.Environments, environment => Assert.Equal(service, Deployments.Committed(environment).App.Text("tags.azd-service-name")));
    }

    [Fact]
    public void FunctionsApp_IsPublishedWithItsHostJson()
    {
        var project = Path.Combine(Repository.Root, AppProject, "WalletFunctions.csproj");
        var host = XDocument.Load(project).Descendants("None").Single(item => item.Attribute("Link")?.Value is "host.json");

        Assert.Equal("PreserveNewest", host.Attribute("CopyToPublishDirectory")?.Value);
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, host.Attribute("Include")!.Value)));
        Assert.Contains("for needed in host.json ", Workflow("deploy.yml"), StringComparison.Ordinal);
    }

    /// <summary>GitHub's assertion is valid for a few minutes only; provisioning and deploying take longer.</summary>
    [Fact]
    public void DeployWorkflow_SignsInAgainBeforeItAsksForATokenOfTheApp()
    {
        var workflow = Workflow("deploy-to.yml");
        var logins = Regex.Matches(workflow, "uses: azure/login@").Select(match => match.Index).ToArray();

        Assert.Equal(2, logins.Length);
        Assert.InRange(logins[1], workflow.IndexOf("- name: Deploy\n", StringComparison.Ordinal), workflow.IndexOf("- name: Smoke\n", StringComparison.Ordinal));
        Assert.DoesNotContain("get-access-token", workflow, StringComparison.Ordinal);
        Assert.Contains("infra/smoke.sh \"$RESOURCE_GROUP\"\n", workflow, StringComparison.Ordinal);
    }

    /// <summary>A new role assignment takes some minutes to become effective.</summary>
    [Theory]
    [InlineData("az functionapp deployment source config-zip")]
    [InlineData("az functionapp keys set")]
    public void DeployWorkflow_RepeatsWhatWaitsForARole(string command)
    {
        var script = Run.Matches(Workflow("deploy-to.yml")).Select(run => run.Groups["script"].Value).Single(script => script.Contains(command, StringComparison.Ordinal));

        Assert.Matches($@"for _ in 1 2 3 4 5 6[ \d]*; do\n[^\n]*{command}[^\n]* && [^\n]*\n\s+sleep \d+\n\s+done", script);
    }

    /// <summary>A group of a whole workflow would be held while a run waits for the review of prod.</summary>
    [Fact]
    public void Deployments_OfOneEnvironment_ExcludeEachOtherAndARollbackWaitsForNone()
    {
        Assert.All(["deploy.yml", "deploy-previous.yml", "deploy-to.yml"], file => Assert.DoesNotContain("\nconcurrency:", Workflow(file), StringComparison.Ordinal));
        Assert.Contains(
            "    concurrency:\n      group: deploy-${{ inputs.target }}\n      cancel-in-progress: ${{ inputs.package-run != '' }}\n", Workflow("deploy-to.yml"), StringComparison.Ordinal);
        Assert.Contains("    concurrency:\n      group: deploy-package\n      cancel-in-progress: false\n", Workflow("deploy.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public void SmokeTestsKey_IsDeletedAlsoIfARollbackEndsTheJob() => Assert.Matches(
        @"if: always\(\) && steps\.smoke\.outcome != 'skipped'\n +run: \|\n(?: +.*\n)* +az functionapp keys delete .*--key-name ""\$KEY_NAME""", Workflow("deploy-to.yml"));

    [Fact]
    public void PreviousPackage_IsDeployedAsItWasBuilt()
    {
        var (deploy, to, previous) = (Workflow("deploy.yml"), Workflow("deploy-to.yml"), Workflow("deploy-previous.yml"));

        Assert.Contains("retention-days: 90", deploy, StringComparison.Ordinal);
        Assert.Contains("subject-path: artifacts/functions.zip", deploy, StringComparison.Ordinal);
        Assert.Contains("run-id: ${{ inputs.package-run || github.run_id }}", to, StringComparison.Ordinal);
        Assert.Matches(@"gh attestation verify functions\.zip --repo ""\$GITHUB_REPOSITORY"" --signer-workflow ""\$GITHUB_REPOSITORY/\.github/workflows/deploy\.yml"" \\\n +--source-ref refs/heads/main --source-digest ""\$\(git rev-parse HEAD\)""\n", to);
        // The smoke test belongs to the package.
        Assert.Contains("ref: ${{ inputs.package-commit || github.sha }}\n", to, StringComparison.Ordinal);
        Assert.Contains("package-commit: ${{ needs.find.outputs.package-commit }}\n", previous, StringComparison.Ordinal);
        // Only a reviewed commit is packed, so an attestation of main proves the review.
        Assert.Contains("    if: vars.AZURE_TENANT_ID != '' && github.ref == 'refs/heads/main'\n", deploy, StringComparison.Ordinal);
        Assert.Contains("if: inputs.package-run == ''\n", to, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet publish", previous, StringComparison.Ordinal);
        Assert.Contains("gh workflow run deploy-previous.yml -f target=prod\n", Repository.Read("infra", "README.md"), StringComparison.Ordinal);
    }

    /// <summary>The environment's package is the newest one whose deployment began; the previous one is the newest before it that worked there.</summary>
    [JqTheory]
    [InlineData("prod", "worked, worked, worked", 2)]
    // The reason for most rollbacks: prod runs the package whose smoke test failed.
    [InlineData("prod", "failed in prod, worked, worked", 2)]
    [InlineData("prod", "worked, failed in prod, worked", 3)]
    // The newest run has not changed prod.
    [InlineData("prod", "waits for prod, worked, worked", 3)]
    [InlineData("prod", "stops before prod, worked, worked", 3)]
    [InlineData("prod", "failed in test, worked, worked", 3)]
    [InlineData("prod", "failed in package, failed in prod, worked", 3)]
    [InlineData("prod", "deploys to prod, worked, worked", 2)]
    [InlineData("test", "waits for prod, failed in test, worked", 3)]
    [InlineData("test", "failed in test, failed in prod, worked", 2)]
    [InlineData("prod", "worked, failed in prod", null)]
    [InlineData("prod", "worked", null)]
    public async Task Rollback_TakesTheLastPackageThatWorkedInTheEnvironment(string target, string newestFirst, int? expected)
    {
        var folder = Directory.CreateTempSubdirectory("rollback-");
        var runs = new JsonArray([.. newestFirst.Split(", ").Select((state, index) => RunOfDeploy(index + 1, state))]);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "runs"), runs.ToJsonString());
        var gh = Path.Combine(folder.FullName, "gh");
        await File.WriteAllTextAsync(gh, """
            #!/usr/bin/env bash
            case $1-$2 in
                run-list) cat "$FOLDER/runs" ;;
                run-view) jq --argjson id "$3" '.[] | select(.databaseId == $id)' "$FOLDER/runs" ;;
            esac | jq --raw-output "${@: -1}"
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(gh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var script = Run.Match(Workflow("deploy-previous.yml")).Groups["script"].Value;
        var start = new ProcessStartInfo("bash", ["-e", "-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = folder.FullName + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["FOLDER"] = folder.FullName;
        start.Environment["GITHUB_OUTPUT"] = Path.Combine(folder.FullName, "output");
        (start.Environment["RUN"], start.Environment["TARGET"]) = ("", target);
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal((expected is null ? 1 : 0, expected is null ? "There is no earlier package to deploy.\n" : ""), (bash.ExitCode, await errors));
        if (expected is not null)
        {
            Assert.Equal($"package-run={expected}\npackage-commit=commit-{expected}\n", await File.ReadAllTextAsync(start.Environment["GITHUB_OUTPUT"]!));
        }
    }

    /// <summary>A run of deploy.yml as gh shows it. A job that a failed one stopped has no steps; the step that failed is the smoke test.</summary>
    private static JsonObject RunOfDeploy(int id, string state)
    {
        var environments = new[] { "test", "prod" };
        var stopped = state is "worked" ? environments.Length : Array.FindIndex(environments, state.EndsWith);
        var jobs = environments.Select((environment, index) => (environment, index) switch
        {
            _ when index < stopped => Job(environment, "completed", "success", "completed", "success"),
            _ when index > stopped => Job(environment, "completed", "skipped"),
            _ when state.StartsWith("failed", StringComparison.Ordinal) => Job(environment, "completed", "failure", "completed", "success"),
            _ when state.StartsWith("stops", StringComparison.Ordinal) => Job(environment, "completed", "failure", "completed", "skipped"),
            _ when state.StartsWith("deploys", StringComparison.Ordinal) => Job(environment, "in_progress", "", "in_progress", ""),
            _ => Job(environment, "waiting", ""),
        });
        return new JsonObject { ["databaseId"] = id, ["headSha"] = $"commit-{id}", ["jobs"] = new JsonArray([.. jobs]) };

        static JsonObject Job(string environment, string status, string conclusion, string? step = null, string? result = null) => new()
        {
            ["name"] = $"{environment} / deploy",
            ["status"] = status,
            ["conclusion"] = conclusion,
            ["steps"] = step is null ? [] : new JsonArray(new JsonObject { ["name"] = "Deploy", ["status"] = step, ["conclusion"] = result }),
        };
    }

    [Fact]
    public void Dependabot_WaitsBeforeItTakesAnything() => Assert.Equal(
        [("github-actions", true), ("nuget", true)],
        Cooldown.Matches(Repository.Read(".github", "dependabot.yml"))
            .Select(match => (match.Groups["ecosystem"].Value, int.Parse(match.Groups["days"].ValueSpan, null) >= 7)).Order());

    [Fact]
    public void EveryAlert_HasARowThatSaysWhatItMeans()
    {
        var prod = Deployments.Committed("prod");
        var alerts = prod.LogAlerts.Concat(prod.MetricAlerts).Concat(prod.VaultEvents).Concat(prod.Budgets).Select(prod.ShortName);

        Assert.All(alerts, alert => Assert.Contains($"\n| `{alert}` | ", Repository.Read("infra", "operating.md"), StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_LetsTheDeployingIdentityGiveTheRolesThatItHasTo()
    {
        var roles = Regex.Matches(Repository.Read("infra", "roles.bicep"), "= '([0-9a-f-]{36})'").Select(match => match.Groups[1].Value).ToArray();
        var allowed = Regex.Match(Repository.Read("infra", "README.md"), "roles='(.+)'").Groups[1].Value.Split(", ");

        Assert.Equal(roles.Order(), allowed.Order());
    }

    /// <summary>A test whose gh filters with jq, which the real gh contains.</summary>
    private sealed class JqTheoryAttribute : TheoryAttribute
    {
        public JqTheoryAttribute() => Skip =
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "jq"))) ? null : "jq is not on the path.";
    }

    private static string Workflow(string file) => Repository.Read(".github", "workflows", file);
}

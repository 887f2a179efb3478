using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>
/// Runs the commands of the documents in bash, with recorders in place of the programs that would reach Azure. An unset variable ends the shell, so
/// the variables of every recorded command were set.
/// </summary>
[Collection(nameof(Deployments))]
public sealed partial class DryRunTests(Deployments deployments)
{
    private const string Vault = "kv-dev-recorded";
    private const string App = "func-delink-dev-recorded";

    [GeneratedRegex(@"^(?<indent> *)```sh\n(?<script>.*?)^\k<indent>```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [GeneratedRegex(@"\$\{?(?<name>[a-z]\w*)")]
    private static partial Regex Use { get; }

    [GeneratedRegex(@"(?:^|[\s;(])(?:for )?(?<name>[a-z]\w*)(?:=| in )", RegexOptions.Multiline)]
    private static partial Regex Assignment { get; }

    public static TheoryData<string> Documents => ["infra/README.md", "infra/operating.md", "infra/telemetry.md", ".github/SHOULD_YOU_USE_IT.md", "src/WalletFunctions.Core/Webhooks/senders.md"];

    /// <summary>A command with a variable that no document sets fails, or does something else, in the shell of a reader.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_UseOnlyVariablesThatWereSetBefore(string document)
    {
        var script = string.Concat(Block.Matches(Repository.Read(document.Split('/'))).Select(block => block.Groups["script"].Value));
        // operating.md sets these for all documents about a deployed app.
        string[] set = document is "infra/telemetry.md" or "src/WalletFunctions.Core/Webhooks/senders.md" ? ["group", "app"] : [];

        Assert.All(Use.Matches(script), use => Assert.Contains(
            use.Groups["name"].Value, Assignment.Matches(script[..use.Index]).Select(assignment => assignment.Groups["name"].Value).Concat(set)));
    }

    [Fact]
    public async Task FirstDeployment_WithAz_ReachesEveryCommandWithItsVariables()
    {
        var run = await RunAsync(Section("With az"));

        Assert.Equal(0, run.ExitCode);
        AssertInOrder(
            run.Calls,
            "az login",
            "az provider register --namespace Microsoft.App --wait",
            "az provider register --namespace Microsoft.Web --wait",
            "az ad group create --display-name delink-secret-officers",
            "az ad group member add --group delink-secret-officers --member-id 5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21",
            "az group create --name rg-delink-dev --location centralindia",
            "az deployment group what-if --resource-group rg-delink-dev --parameters infra/dev.bicepparam",
            "az deployment group create --name delink --resource-group rg-delink-dev --parameters infra/dev.bicepparam",
            $"az keyvault secret set --vault-name {Vault} --name juspay-api-key --file /dev/stdin --encoding utf-8 --expires 20",
            "dotnet publish src/WalletFunctions --configuration Release --output artifacts/functions",
            "zip --quiet --recurse-paths ../functions-0f664e5.zip .",
            $"az functionapp deployment source config-zip --resource-group rg-delink-dev --name {App} --src artifacts/functions-0f664e5.zip",
            $"az functionapp keys list --resource-group rg-delink-dev --name {App}",
            "dotnet test tests/WalletFunctions.Tests --filter FullyQualifiedName~ContractTests");
        // The parameter file reads its variables.
        Assert.Contains(run.Calls, call => call.Contains("deployment group create", StringComparison.Ordinal)
            && call.EndsWith(" ALERT_EMAIL=on-call@example.com SECRET_OFFICERS_GROUP_ID=5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FirstDeployment_WithAzd_ReachesEveryCommandWithItsVariables()
    {
        var run = await RunAsync(Section("With azd"));

        Assert.Equal(0, run.ExitCode);
        AssertInOrder(
            run.Calls,
            "azd auth login",
            "azd up",
            "az login",
            $"az keyvault secret set --vault-name {Vault} --name juspay-api-key",
            "dotnet test tests/WalletFunctions.Tests --filter FullyQualifiedName~ContractTests");
    }

    /// <summary>azd.parameters.json sets every parameter of azd's template. azd asks for a parameter without a value, so it must have no default.</summary>
    [Fact]
    public void AzdUp_AsksForWhatHasNoValueAndNothingElse()
    {
        var template = deployments.Bicep.Compile(Path.Combine(Repository.Infra, "azd.bicep"));
        var given = JsonNode.Parse(Repository.Read("infra", "azd.parameters.json"))!["parameters"]!.AsObject();
        var parameters = template["parameters"]!.AsObject();

        // azd sets the first three in every environment, asks for the region if it is not set, and stores the answer.
        Assert.Equal(
            ["${ALERT_EMAIL}", "${AZURE_ENV_NAME}", "${AZURE_LOCATION}", "${AZURE_PRINCIPAL_ID}", "${AZURE_PRINCIPAL_TYPE=User}"],
            given.Select(parameter => (string)parameter.Value!["value"]!).Order(StringComparer.Ordinal));
        Assert.Equal(parameters.Select(parameter => parameter.Key).Order(), given.Select(parameter => parameter.Key).Order());
        Assert.Equal("location", (string?)parameters["location"]!["metadata"]!["azd"]!["type"]);
        Assert.Contains((string?)parameters["location"]!["metadata"]!["azd"]!["default"], parameters["location"]!["allowedValues"]!.AsArray().Select(region => (string)region!));
        Assert.All(parameters.Where(parameter => parameter.Value!["defaultValue"] is null), parameter => Assert.Contains(parameter.Key, given));
        // azd finds the group that it created by this tag.
        var group = template["resources"]!.AsObject()["group"]!;
        Assert.Equal("[parameters('azdEnvironmentName')]", (string?)group["tags"]!["azd-env-name"]);
        Assert.DoesNotContain("\"secure", template.ToJsonString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>azd's hook prints the next commands of the documents.</summary>
    [Fact]
    public void AzdUp_PrintsWhatToDoNext()
    {
        var hook = Repository.Read("azure.yaml");

        Assert.All(["infra/store-key.sh $AZURE_RESOURCE_GROUP", "infra/smoke.sh $AZURE_RESOURCE_GROUP"], command => Assert.Contains(command, hook, StringComparison.Ordinal));
        Assert.All(["infra/store-key.sh rg-delink-dev\n", "infra/smoke.sh rg-delink-dev\n"], command => Assert.Contains(command, Section("With azd"), StringComparison.Ordinal));
        Assert.Contains("AZURE_RESOURCE_GROUP", Repository.Read("infra", "azd.bicep"), StringComparison.Ordinal);
        // The az of Windows, which Git Bash starts, cannot read /dev/stdin.
        Assert.Contains("--file /dev/stdin", Repository.Read("infra", "store-key.sh"), StringComparison.Ordinal);
        Assert.Contains("in WSL, with az signed in there", hook, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Teardown_AndRecovery_ReachEveryCommand()
    {
        var run = await RunAsync("group=rg-delink-dev\n" + Section("Teardown and recovery"));

        Assert.Equal(0, run.ExitCode);
        AssertInOrder(
            run.Calls,
            "az group delete --name rg-delink-dev --yes",
            $"az keyvault purge --name {Vault}",
            "az group create --name rg-delink-dev",
            "az deployment group create --name delink --resource-group rg-delink-dev --parameters infra/test.bicepparam --parameters recoverVault=true",
            "az deployment group create --name delink --resource-group rg-delink-dev --parameters infra/test.bicepparam --output none");
    }

    /// <summary>A deployment deletes nothing, so an alert, a role or the check of tokens would outlive the parameter that it belongs to.</summary>
    [Fact]
    public async Task WhatADeploymentLeaves_IsDeletedByTheCommandsOfTheReadme()
    {
        var run = await RunAsync($"group=rg-delink-dev app={App}\n" + Section("What a deployment leaves"));

        Assert.Equal(0, run.ExitCode);
        AssertInOrder(
            run.Calls,
            "az resource delete --ids /subscriptions/x/nothing-heard-delink-dev-recorded",
            "az role assignment delete --assignee 00000000-0000-0000-0000-000000000000 --role Key Vault Secrets Officer --scope /subscriptions/x/kv-dev-recorded",
            "az rest --method put --url /subscriptions/x/resourceGroups/y/providers/Microsoft.Web/sites/z/config/authsettingsV2?api-version=2025-03-01");
        Assert.Contains(Deployments.Committed("prod").LogAlerts, alert => alert.Name.StartsWith("nothing-heard-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WebhookSecret_IsRotatedByStoringBothAndThenTheNewOne()
    {
        var run = await RunAsync($"group=rg-delink-dev app={App}\n" + Section("Rotating a webhook secret", "operating.md"));

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^(?<new>whsec_bmV3\S+)\nthe-old-secret \k<new>$", run.Stored);
        Assert.Equal(2, run.Calls.Count(call => call.StartsWith($"az keyvault secret set --vault-name {Vault} --name webhook-signing-secret ", StringComparison.Ordinal)));
        Assert.DoesNotContain("whsec_", string.Join('\n', run.Calls) + run.Output, StringComparison.Ordinal);
    }

    /// <summary>The deployed resources decide, not a variable.</summary>
    [Fact]
    public async Task Smoke_OfAnAppWithEntra_ChecksThatAKeyAloneIsRefused()
    {
        var run = await RunAsync("WALLETFUNCTIONS_TOKEN= infra/smoke.sh rg-delink-dev", entra: true);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Calls, call => call.StartsWith("az account get-access-token --scope api://0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34/.default", StringComparison.Ordinal));
        Assert.Contains("delink with a key, without a token: 401", run.Output, StringComparison.Ordinal);
    }

    /// <summary>A person's own sign-in gets no token for the app, so the documents get one as a caller.</summary>
    [Fact]
    public async Task Smoke_WithACallersToken_AsksForNoOther()
    {
        var run = await RunAsync("group=rg-delink-dev\n" + Section("Callers with an Entra token"), entra: true);

        Assert.Equal(0, run.ExitCode);
        AssertInOrder(
            run.Calls,
            "az ad app credential reset --id 0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34",
            "az login --service-principal --username 0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34 --tenant 3d1f6c5e-2b7a-4a8e-9c0d-6e5f4a3b2c1d",
            "az account get-access-token --scope api://0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34/.default",
            "az logout",
            "dotnet test");
        Assert.Single(run.Calls, call => call.StartsWith("az account get-access-token", StringComparison.Ordinal));
    }

    /// <summary>The host answers only some minutes after a deployment.</summary>
    [Fact]
    public async Task Smoke_BeforeTheHostAnswers_AsksAgainForTheKeyAndTheFunctions()
    {
        var run = await RunAsync(
            "export HOST_REFUSALS=2 QUEUES=https://st.queue.core.windows.net/ QUEUE_STATUS=403 FUNCTIONS=DelinkAccepted; infra/smoke.sh rg-delink-dev");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Calls.Count(call => call.StartsWith("az functionapp keys list", StringComparison.Ordinal)));
        Assert.Equal(3, run.Calls.Count(call => call.StartsWith("az functionapp function list", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Smoke_OfAnAppThatTakesAKeyAlone_FailsWhereATokenShouldBeAskedFor()
    {
        var run = await RunAsync("infra/smoke.sh rg-delink-dev", entra: true, failsOpen: true);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("delink with a key, without a token: 404 instead of 401", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DelinkWallet\nDelinkAccepted", 403, 0, "queue delink-events-failed without any credential: refused")]
    [InlineData("DelinkWallet\nDelinkAccepted", 200, 1, "queue delink-events without any credential: not refused")]
    [InlineData("DelinkWallet", 403, 1, "no function that takes messages out of it")]
    public async Task Smoke_OfAnAppWithQueues_ChecksThatTheyAreReadAndClosed(string functions, int status, int exitCode, string says)
    {
        var run = await RunAsync($"export QUEUES=https://st.queue.core.windows.net/ QUEUE_STATUS={status} FUNCTIONS='{functions}'; infra/smoke.sh rg-delink-dev");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(says, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoreKey_BeforeTheRoleIsKnown_TriesAgainAndPutsTheValueOnNoCommandLine()
    {
        var run = await RunAsync("STORE_KEY_PAUSE=0 infra/store-key.sh rg-delink-dev", refusals: 2);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Calls.Count(call => call.StartsWith("az keyvault secret set", StringComparison.Ordinal)));
        Assert.Equal("the-key the-key the-key", run.Stored);
        Assert.DoesNotContain("the-key", string.Join('\n', run.Calls) + run.Output, StringComparison.Ordinal);
    }

    /// <summary>Returns the shell blocks under a heading, joined in their order.</summary>
    private static string Section(string heading, string document = "README.md")
    {
        var text = Repository.Read("infra", document);
        var section = Regex.Match(text, $@"^#+ {Regex.Escape(heading)}\n(?<text>.*?)(?=^#+ [A-Z])", RegexOptions.Multiline | RegexOptions.Singleline);
        var blocks = Block.Matches(section.Groups["text"].Value);
        Assert.NotEmpty(blocks);
        return string.Concat(blocks.Select(block => block.Groups["script"].Value));
    }

    private static void AssertInOrder(IReadOnlyList<string> calls, params string[] expected)
    {
        var at = 0;
        foreach (var command in expected)
        {
            var found = calls.Skip(at).ToList().FindIndex(call => call.StartsWith(command, StringComparison.Ordinal));
            Assert.True(found >= 0, $"{command} is not among:\n{string.Join('\n', calls.Skip(at))}");
            at += found + 1;
        }
    }

    private static async Task<Run> RunAsync(string script, bool entra = false, bool failsOpen = false, int refusals = 0)
    {
        var folder = Directory.CreateTempSubdirectory("dry-run");
        var programs = folder.CreateSubdirectory("programs");
        foreach (var program in new[] { "az", "azd", "curl", "dotnet", "git", "openssl", "sleep", "zip" })
        {
            var file = Path.Combine(programs.FullName, program);
            await File.WriteAllTextAsync(file, Recorder);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "infra"), Repository.Infra);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            UseShellExecute = false,
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = programs.FullName + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["RECORDED"] = folder.FullName;
        start.Environment["ENTRA"] = entra ? "0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34" : "";
        start.Environment["FAILS_OPEN"] = failsOpen ? "1" : "";
        start.Environment["REFUSALS"] = refusals.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var variable in new[] { "ALERT_EMAIL", "SECRET_OFFICERS_GROUP_ID", "WALLETFUNCTIONS_BASE_URL", "WALLETFUNCTIONS_KEY", "WALLETFUNCTIONS_TOKEN" })
        {
            start.Environment.Remove(variable);
        }

        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync("the-key");
        bash.StandardInput.Close();
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();

        var (calls, stored) = (Path.Combine(folder.FullName, "calls"), Path.Combine(folder.FullName, "stored"));
        return new Run(
            bash.ExitCode,
            File.Exists(calls) ? await File.ReadAllLinesAsync(calls) : [],
            File.Exists(stored) ? (await File.ReadAllTextAsync(stored)).Trim() : "",
            await output + await errors);
    }

    /// <summary>Records its name and arguments, refuses an empty argument, and prints what the scripts read.</summary>
    private const string Recorder = """
        #!/usr/bin/env bash
        name=$(basename "$0")
        for argument in "$@"; do
            [ -n "$argument" ] || { echo "$name was given an empty argument: $*" >&2; exit 64; }
        done
        echo "$name $* ALERT_EMAIL=${ALERT_EMAIL:-} SECRET_OFFICERS_GROUP_ID=${SECRET_OFFICERS_GROUP_ID:-}" >> "$RECORDED/calls"
        refused() { [ "$(grep -c "$1" "$RECORDED/calls")" -le "${HOST_REFUSALS:-0}" ]; }
        case "$name $*" in
            'az ad signed-in-user show'* | 'az ad group show'*) echo 5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21 ;;
            'az keyvault list'*'[0].id'*) echo /subscriptions/x/kv-dev-recorded ;;
            'az keyvault list'*) echo kv-dev-recorded ;;
            'az keyvault secret show'*) echo the-old-secret ;;
            'az account show'*) echo 3d1f6c5e-2b7a-4a8e-9c0d-6e5f4a3b2c1d ;;
            'az resource list'*) echo /subscriptions/x/nothing-heard-delink-dev-recorded ;;
            'az keyvault secret set'*)
                printf '%s ' "$(cat)" >> "$RECORDED/stored"
                [ "$(grep -c 'keyvault secret set' "$RECORDED/calls")" -gt "$REFUSALS" ] || exit 1 ;;
            'az functionapp list'*) echo func-delink-dev-recorded ;;
            'az functionapp show'*id*) [[ $* = *defaultHostName* ]] && echo func-delink-dev-recorded.azurewebsites.net || echo /subscriptions/x/resourceGroups/y/providers/Microsoft.Web/sites/z ;;
            'az ad app create'*) echo 0f3c8f2a-6a0b-4f6e-8a6d-2f7d1f0c9b34 ;;
            'az functionapp keys list'*) refused 'functionapp keys list' || echo the-function-key ;;
            'az rest --method get --url '*/config/authsettingsV2*) echo "$ENTRA" ;;
            'az account get-access-token'*) echo the-token ;;
            'az functionapp config appsettings list'*) echo "${QUEUES:-}" ;;
            'az functionapp function list'*) refused 'functionapp function list' || echo "${FUNCTIONS:-}" ;;
            'git rev-parse'*) echo 0f664e5 ;;
            'openssl rand'*) echo bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU= ;;
            'dotnet publish'*) mkdir -p artifacts/functions ;;
            'curl '*)
                headers=
                [[ $* = *'--header @-'* ]] && headers=$(cat)
                url=${*: -1}
                if [[ $url = https://st.queue.* ]]; then printf '%s' "$QUEUE_STATUS"; exit; fi
                if [[ $url = */webhooks/delink ]]; then echo '{"code":"invalid_signature"}'; exit; fi
                key= token=
                [[ $headers = *'x-functions-key: the-function-key'* ]] && key=1
                [[ $headers = *'Bearer the-token'* ]] && token=1
                [ -n "$ENTRA" ] && [ -z "$FAILS_OPEN" ] || token=1
                case $url in
                    */health) printf 200 ;;
                    */health/ready) [ -n "$key" ] && [ -n "$token" ] && printf 200 || printf 401 ;;
                    */) printf 404 ;;
                    *) [ -n "$key" ] && [ -n "$token" ] && printf 404 || printf 401 ;;
                esac ;;
        esac
        """;

    private sealed record Run(int ExitCode, IReadOnlyList<string> Calls, string Stored, string Output);
}

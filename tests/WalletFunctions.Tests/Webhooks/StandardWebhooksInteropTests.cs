using System.Diagnostics;
using System.Globalization;
using System.Text;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>Compares with an independent implementation, the npm package <c>standardwebhooks</c>.</summary>
public sealed class StandardWebhooksInteropTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [StandardWebhooksFact]
    public async Task Signature_OfTheNpmPackage_IsValid()
    {
        for (var i = 0; i < 20; i++)
        {
            var body = $$"""{"type":"customer.closed","n":{{i}},"text":"é\n✓"}""";
            var now = DateTimeOffset.UtcNow;
            var signature = await StandardWebhooks.RunAsync(
                "console.log(new Webhook(process.argv[1]).sign(process.argv[2], new Date(Number(process.argv[3]) * 1000), process.argv[4]))",
                Secret, $"msg_{i}", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), body);
            var headers = new WebhookHeaders($"msg_{i}", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), signature);

            Assert.True(WebhookSignature.IsValid(headers, Encoding.UTF8.GetBytes(body), Secrets(), now), signature);
            Assert.False(WebhookSignature.IsValid(headers, Encoding.UTF8.GetBytes(body + " "), Secrets(), now));
        }
    }

    [StandardWebhooksFact]
    public async Task Signature_OfTheProduct_IsValidForTheNpmPackage()
    {
        const string Body = """{"type":"customer.closed"}""";
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = WebhookSignature.Sign("msg_1", timestamp, Encoding.UTF8.GetBytes(Body), Secrets());

        var verified = await StandardWebhooks.RunAsync(
            "console.log(JSON.stringify(new Webhook(process.argv[1]).verify(process.argv[2], {'webhook-id': 'msg_1', 'webhook-timestamp': process.argv[3], 'webhook-signature': process.argv[4]})))",
            Secret, Body, timestamp, signature);

        Assert.Equal(Body, verified);
    }

    private static WebhookSecrets Secrets() => WebhookSecrets.TryParse(Secret, out var secrets, out var problem) ? secrets : throw new InvalidOperationException(problem);
}

/// <summary>A test that needs Node and a package registry, and gives the reason if it is skipped.</summary>
public sealed class StandardWebhooksFactAttribute : FactAttribute
{
    public StandardWebhooksFactAttribute() => Skip = StandardWebhooks.WhyNot;
}

internal static class StandardWebhooks
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "walletfunctions-standardwebhooks-1.1.1");
    private static readonly Lazy<string?> Installed = new(Install);

    public static string? WhyNot => Installed.Value;

    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        using var node = Start("node", ["-e", "const { Webhook } = require('standardwebhooks'); " + script, .. arguments]);
        var output = await node.StandardOutput.ReadToEndAsync();
        var error = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode is 0, error);
        return output.Trim();
    }

    private static string? Install()
    {
        try
        {
            Directory.CreateDirectory(Folder);
            if (Directory.Exists(Path.Combine(Folder, "node_modules", "standardwebhooks")))
            {
                return null;
            }

            using var npm = Start(
                OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "standardwebhooks@1.1.1"]);
            var isDone = npm.WaitForExit(TimeSpan.FromMinutes(1));
            return isDone && npm.ExitCode is 0 ? null : "npm cannot install standardwebhooks 1.1.1 here, so the signatures are not compared with those of another implementation.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "node and npm are not installed, so the signatures are not compared with those of another implementation.";
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!;
}

using System.Globalization;
using System.Text;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>Compares with the senders' own implementations, which are npm packages.</summary>
public sealed class SenderInteropTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>Each package signs a body, and Node sends it to a running host.</summary>
    [NpmSignersTheory]
    [InlineData("standard", """{"type":"customer.closed","data":{"customer_id":"customer_1122"},"text":"é✓"}""",
        "const { Webhook } = require('standardwebhooks'); const at = new Date(); headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': `${Math.floor(at / 1000)}`, 'webhook-signature': new Webhook(secret).sign('msg_1', at, body) };")]
    [InlineData("clerk", """{"type":"user.deleted","data":{"id":"customer_1122","deleted":true},"text":"é✓"}""",
        "const { Webhook } = require('svix'); const at = new Date(); headers = { 'svix-id': 'msg_1', 'svix-timestamp': `${Math.floor(at / 1000)}`, 'svix-signature': new Webhook(secret).sign('msg_1', at, body) };")]
    [InlineData("github", """{"customer":"customer_1122","text":"é✓"}""",
        "const { sign } = await import('@octokit/webhooks-methods'); headers = { 'X-GitHub-Event': 'closed', 'X-Hub-Signature-256': await sign(secret, body) };")]
    [InlineData("stripe", """{"id":"evt_1","type":"customer.deleted","data":{"object":{"id":"customer_1122"}},"text":"é✓"}""",
        "const Stripe = require('stripe'); headers = { 'Stripe-Signature': new Stripe('sk_test_0').webhooks.generateTestHeaderString({ payload: body, secret }) };")]
    public async Task Delivery_SignedByThePackageOfItsSender_IsAccepted(string sender, string body, string sign)
    {
        await using var host = await LocalHostApp.StartAsync(
        [
            "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--Webhooks:Senders:standard:Preset=standard-webhooks", "--Webhooks:Senders:clerk:Preset=svix",
            "--Webhooks:Senders:stripe:Preset=stripe", "--Webhooks:Senders:github:Preset=github", "--Webhooks:Senders:github:CustomerId=body:/customer",
            "--Webhooks:Senders:github:CustomerEvents=closed",
        ]);

        var answers = await NpmSigners.RunAsync(
            "(async () => { const [, secret, body, url] = process.argv; let headers; " + sign
            + " for (const sent of [body + ' ', body]) { const answer = await fetch(url, { method: 'POST', body: sent, headers }); console.log(answer.status); } })()",
            Simulation.WebhookSecretOf(sender), body, new Uri(host.BaseAddress, $"/webhooks/{sender}/delink").AbsoluteUri);

        Assert.Equal("401\n200", answers);
        Assert.DoesNotContain(host.Simulation.Juspay!.Wallets, wallet => wallet.Linked);
    }

    [NpmSignersFact]
    public async Task Signature_OfTheNpmPackage_IsValid()
    {
        for (var i = 0; i < 20; i++)
        {
            var body = $$"""{"type":"customer.closed","n":{{i}},"text":"é\n✓"}""";
            var now = DateTimeOffset.UtcNow;
            var signature = await NpmSigners.RunAsync(
                "const { Webhook } = require('standardwebhooks'); console.log(new Webhook(process.argv[1]).sign(process.argv[2], new Date(Number(process.argv[3]) * 1000), process.argv[4]))",
                Secret, $"msg_{i}", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), body);
            var headers = new DeliveryHeaders($"msg_{i}", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), signature);

            Assert.True(WebhookSignature.IsValid(WebhookSender.Own.Scheme, headers, Encoding.UTF8.GetBytes(body), Secrets(), now), signature);
            Assert.False(WebhookSignature.IsValid(WebhookSender.Own.Scheme, headers, Encoding.UTF8.GetBytes(body + " "), Secrets(), now));
        }
    }

    [NpmSignersFact]
    public async Task Signature_OfTheProduct_IsValidForTheNpmPackage()
    {
        const string Body = """{"type":"customer.closed"}""";
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = WebhookSignature.Sign(WebhookSender.Own.Scheme, "msg_1", timestamp, Encoding.UTF8.GetBytes(Body), Secrets());

        var verified = await NpmSigners.RunAsync(
            "const { Webhook } = require('standardwebhooks'); console.log(JSON.stringify(new Webhook(process.argv[1]).verify(process.argv[2], {'webhook-id': 'msg_1', 'webhook-timestamp': process.argv[3], 'webhook-signature': process.argv[4]})))",
            Secret, Body, timestamp, signature);

        Assert.Equal(Body, verified);
    }

    /// <summary>WooCommerce publishes no signed delivery. This is the expression of its class-wc-webhook.php, run by PHP.</summary>
    [ProgramTheory("php")]
    [InlineData("""{"id":25}""")]
    [InlineData("""{"id":25,"text":"é✓"}""")]
    public async Task Signature_OfWooCommercesExpression_IsValid(string body)
    {
        const string Stored = "a secret of a-webhook;$%";
        var signed = await ChildProcess.RunAsync(
            ProgramFactAttribute.Find("php")!, ["-r", "echo base64_encode(hash_hmac('sha256', trim($argv[1]), $argv[2], true));", body, Stored], Path.GetTempPath());
        var scheme = SenderPresets.ByName["woocommerce"].Scheme;
        Assert.True(WebhookSecrets.TryParse(Stored, scheme.SecretEncoding, out var secrets, out _), signed.Errors);
        var headers = DeliveryHeaders.Of(scheme, name => name is "X-WC-Webhook-Signature" ? signed.Output : null);

        Assert.True(WebhookSignature.IsValid(scheme, headers, Encoding.UTF8.GetBytes(body), secrets, DateTimeOffset.UtcNow), signed.Output + signed.Errors);
        Assert.False(WebhookSignature.IsValid(scheme, headers, Encoding.UTF8.GetBytes(body + " "), secrets, DateTimeOffset.UtcNow));
    }

    private static WebhookSecrets Secrets() => WebhookSecrets.TryParse(Secret, SecretEncoding.Whsec, out var secrets, out var problem) ? secrets : throw new InvalidOperationException(problem);
}

/// <summary>A test that needs Node and a package registry, and gives the reason if it is skipped.</summary>
public sealed class NpmSignersFactAttribute : FactAttribute
{
    public NpmSignersFactAttribute() => Skip = NpmSigners.WhyNot;
}

/// <inheritdoc cref="NpmSignersFactAttribute" />
public sealed class NpmSignersTheoryAttribute : TheoryAttribute
{
    public NpmSignersTheoryAttribute() => Skip = NpmSigners.WhyNot;
}

internal static class NpmSigners
{
    private static readonly NpmPackages Packages = new(
        "signers", "the signatures are not compared with those of the senders", "standardwebhooks@1.1.1", "svix@2.5.0", "@octokit/webhooks-methods@6.0.0", "stripe@23.1.0");

    public static string? WhyNot => Packages.WhyNot;

    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var node = await ChildProcess.RunAsync("node", ["-e", script, .. arguments], Packages.Folder);
        Assert.True(node.ExitCode is 0, node.Errors);
        return node.Output.Trim();
    }
}

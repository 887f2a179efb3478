namespace WalletFunctions.Infrastructure.Tests;

/// <summary>
/// The deployments that are looked at: the three environments by their committed snapshots, and what the parameters allow besides by
/// snapshots that are made now.
/// </summary>
public sealed class Deployments : IDisposable
{
    public static readonly string[] Environments = ["dev", "test", "prod"];

    /// <summary>What no environment uses, each on top of dev's parameters.</summary>
    private static readonly Dictionary<string, (string NetworkMode, string Parameters)> Variants = new()
    {
        ["private endpoints and a fixed address"] = ("privateEndpoint", """
            param environmentName = 'prod'
            param sizing = 'alwaysWarm'
            param networkMode = 'privateEndpoint'
            param fixedOutboundAddress = true
            param juspay = { baseUrl: 'https://api.juspay.in' }
            """),
        ["a public vault and a fixed address"] = ("public", """
            param environmentName = 'dev'
            param sizing = 'fastest'
            param networkMode = 'public'
            param fixedOutboundAddress = true
            param juspay = { baseUrl: 'https://sandbox.juspay.in' }
            """),
        ["every setting"] = ("serviceEndpoint", """
            param environmentName = 'test'
            param operatorAddresses = ['203.0.113.0/28']
            param tags = { owner: 'payments' }
            param juspay = {
              baseUrl: 'https://sandbox.juspay.in'
              merchantId: 'my_merchant'
              attemptTimeout: '00:00:04'
              totalTimeout: '00:00:12'
              customerTimeout: '00:00:25'
              maxAttempts: 2
            }
            param keyVaultSettings = {
              apiKeySecretName: 'the-api-key'
              webhookSecretName: 'the-webhook-secret'
              refreshInterval: '00:10:00'
            }
            param auditHashSecretName = 'the-audit-hash-key'
            param webhookEventTypes = { 'account.deleted': 'customer', 'wallet_removed': 'wallet' }
            param merchants = [
              {
                name: 'shop_a'
                merchantId: 'ShopA'
                baseUrl: 'https://api.juspay.in'
                apiKeySecretName: 'shop-a-key'
                webhookSecretName: 'shop-a-webhook'
              }
              { name: 'shop_b' }
            ]
            param requireMerchant = true
            """),
    };

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "variants"));
    private readonly Dictionary<string, Deployment> _made = [];

    internal Bicep Bicep { get; } = new();

    public static TheoryData<string> Names => [.. Environments, .. Variants.Keys];

    internal Deployment this[string name] => Environments.Contains(name) ? Committed(name) : Make(name);

    internal static Deployment Committed(string environment) => new(
        environment, environment is "dev", environment is "dev" ? "public" : "serviceEndpoint", JsonNode.Parse(CommittedText(environment))!.AsObject());

    internal static string CommittedText(string environment) => Repository.Read("infra", $"{environment}.snapshot.json");

    public void Dispose() => Bicep.Dispose();

    private Deployment Make(string name)
    {
        lock (_made)
        {
            if (!_made.TryGetValue(name, out var deployment))
            {
                var (networkMode, parameters) = Variants[name];
                var file = Path.Combine(_folder.FullName, $"{name.Replace(' ', '-')}.bicepparam");
                File.WriteAllText(file, $$"""
                    using '{{Path.GetRelativePath(_folder.FullName, Path.Combine(Repository.Infra, "main.bicep")).Replace('\\', '/')}}'
                    param secretOfficers = [{ principalId: '5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21', principalType: 'Group' }]
                    param alertReceivers = [{ name: 'on-call', emailAddress: 'on-call@example.com' }]
                    param monthlyBudget = 50
                    param budgetStartDate = '2026-12-01'
                    {{parameters}}
                    """);
                deployment = new Deployment(name, networkMode is "public", networkMode, Bicep.Snapshot(file, "rg-delink-variant"));
                _made.Add(name, deployment);
            }

            return deployment;
        }
    }
}

/// <summary>One Bicep process for all tests.</summary>
[CollectionDefinition(nameof(Deployments))]
public sealed class SharedDeployments : ICollectionFixture<Deployments>;

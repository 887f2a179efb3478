namespace WalletFunctions.Infrastructure.Tests;

/// <summary>
/// The tested deployments: the three environments from their committed snapshots, and other combinations of parameters from
/// snapshots that are created for the test.
/// </summary>
public sealed class Deployments : IDisposable
{
    public static readonly string[] Environments = ["dev", "test", "prod"];

    /// <summary>Combinations that no environment uses.</summary>
    private static readonly Dictionary<string, (Expectations Expectations, string Parameters)> Variants = new()
    {
        ["private endpoints and a fixed address"] = (new("privateEndpoint", IsProduction: true), """
            param environmentName = 'prod'
            param sizing = 'alwaysWarm'
            param keyVaultSettings = { refreshInterval: '01:00:00' }
            param networkMode = 'privateEndpoint'
            param fixedOutboundAddress = true
            param juspay = { baseUrl: 'https://api.juspay.in' }
            """),
        ["private endpoints and a queue"] = (new("privateEndpoint", IsProduction: true), """
            param environmentName = 'prod'
            param networkMode = 'privateEndpoint'
            param juspay = { baseUrl: 'https://api.juspay.in' }
            param webhookIntake = 'queue'
            """),
        ["private endpoints, a queue and operators"] = (new("privateEndpoint", IsProduction: true, OperatorRange: "203.0.113.7"), """
            param environmentName = 'prod'
            param networkMode = 'privateEndpoint'
            param juspay = { baseUrl: 'https://api.juspay.in' }
            param webhookIntake = 'queue'
            param operatorAddresses = ['203.0.113.7']
            """),
        ["a public vault and a fixed address"] = (new("public", IsDisposable: true, HasBudget: true), """
            param environmentName = 'dev'
            param sizing = 'fastest'
            param networkMode = 'public'
            param fixedOutboundAddress = true
            param juspay = { baseUrl: 'https://sandbox.juspay.in' }
            param monthlyBudget = 50
            param budgetStartDate = '2026-12-01'
            """),
        ["a vault brought back"] = (new("serviceEndpoint", RecoversVault: true, OperatorRange: "203.0.113.0/24"), """
            param environmentName = 'test'
            param operatorAddresses = ['203.0.113.0/24']
            param recoverVault = true
            param juspay = { baseUrl: 'https://sandbox.juspay.in' }
            """),
        ["a thousand instances"] = (new("serviceEndpoint"), """
            param environmentName = 'test'
            param maximumInstanceCount = 1000
            param juspay = { baseUrl: 'https://sandbox.juspay.in' }
            """),
        ["more who are told at once"] = (new("serviceEndpoint"), """
            param environmentName = 'test'
            param juspay = { baseUrl: 'https://sandbox.juspay.in' }
            param urgentReceivers = [
              { kind: 'sms', name: 'on-call-phone', countryCode: '91', phoneNumber: '9000000000' }
              { kind: 'webhook', name: 'pager', serviceUri: 'https://alerts.example.com/azure' }
            ]
            param urgentActionGroupIds = ['/subscriptions/8a7b6c5d-4e3f-4a2b-9c1d-0e9f8a7b6c5d/resourceGroups/rg-shared/providers/Microsoft.Insights/actionGroups/teams']
            """),
        ["every setting"] = (new("serviceEndpoint", OperatorRange: "203.0.113.0/28"), """
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
            param webhookIntake = 'queue'
            param webhookMaxAge = '1.00:00:00'
            param webhookEvents = { customer: ['account.deleted'], wallet: ['wallet_removed', 'card.lost'] }
            param webhookSenders = [
              {
                name: 'crm'
                preset: 'github'
                secretName: 'the-crm-secret'
                merchant: 'shop_a'
                customerEvents: ['contact.erased', 'contact.closed']
                walletEvents: ['wallet.removed']
                eventType: 'body:/kind'
                customerId: 'body:/contact/id'
                walletId: 'body:/wallet'
                items: 'body:/events'
                eventTime: 'body:/erased_at'
                maxAge: '2.00:00:00'
                customerIdFormat: 'crm-{id}'
                publicUrl: 'https://delinks.example/webhooks/crm/delink'
                successStatus: 202
                signature: {
                  SignatureHeader: 'X-Crm-Signature'
                  SignaturePrefix: 'v0='
                  Encoding: 'base64'
                  SecretEncoding: 'hex'
                  SignedContent: '{id}.{timestamp}.{url}{body}'
                  TimestampHeader: 'X-Crm-Time'
                  TimestampUnit: 'milliseconds'
                  Tolerance: '00:02:00'
                  IdHeader: 'X-Crm-Id'
                }
              }
              { name: 'store_b', preset: 'shopify', merchant: 'shop_b' }
            ]
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

    /// <summary>The deployment of azd's template.</summary>
    private const string Azd = "azd";

    public static TheoryData<string> Names => [.. Environments, .. Variants.Keys, Azd];

    internal Deployment this[string name] => Environments.Contains(name) ? Committed(name) : Make(name);

    internal static Deployment Committed(string environment) => new(
        environment,
        new(
            environment is "dev" ? "public" : "serviceEndpoint",
            IsDisposable: environment is "dev",
            IsProduction: environment is "prod",
            AsksForToken: environment is not "dev",
            HasBudget: true),
        JsonNode.Parse(CommittedText(environment))!.AsObject());

    internal static string CommittedText(string environment) => Repository.Read("infra", $"{environment}.snapshot.json");

    public void Dispose() => Bicep.Dispose();

    private Deployment Make(string name)
    {
        lock (_made)
        {
            if (!_made.TryGetValue(name, out var deployment))
            {
                deployment = name is Azd ? MakeAzd() : MakeVariant(name);
                _made.Add(name, deployment);
            }

            return deployment;
        }
    }

    private Deployment MakeVariant(string name)
    {
        var (expectations, parameters) = Variants[name];
        return new Deployment(name, expectations, Snapshot(name, "main.bicep", "rg-delink-variant", $$"""
            param secretOfficers = [{ principalId: '5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21', principalType: 'Group' }]
            param alertReceivers = [{ kind: 'email', name: 'on-call', emailAddress: 'on-call@example.com' }]
            {{parameters}}
            """));
    }

    /// <summary>Uses the values that azd.parameters.json takes from azd's environment and from answers to azd's questions.</summary>
    private Deployment MakeAzd() => new(Azd, new("public", IsDisposable: true), Snapshot(Azd, "azd.bicep", resourceGroup: null, """
        param azdEnvironmentName = 'delink-dev'
        param location = 'centralindia'
        param alertEmail = 'on-call@example.com'
        param principalId = '5b0d6a3e-8f0e-4f5b-9a55-0c1f0e7f6a21'
        """));

    private JsonObject Snapshot(string name, string template, string? resourceGroup, string parameters)
    {
        var file = Path.Combine(_folder.FullName, $"{name.Replace(' ', '-')}.bicepparam");
        var path = Path.GetRelativePath(_folder.FullName, Path.Combine(Repository.Infra, template)).Replace('\\', '/');
        File.WriteAllText(file, $"using '{path}'\n{parameters}\n");
        return Bicep.Snapshot(file, resourceGroup);
    }
}

/// <summary>Shares one Bicep process among all tests.</summary>
[CollectionDefinition(nameof(Deployments))]
public sealed class SharedDeployments : ICollectionFixture<Deployments>;

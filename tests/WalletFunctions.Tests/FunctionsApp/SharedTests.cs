using System.Text;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.FunctionsApp;

/// <summary>The Functions app in its worker process.</summary>
public sealed class WorkerTarget : ContractTarget
{
    private protected override async Task<HostUnderTest> StartHostAsync() => await FunctionsTestHost.StartAsync();
}

public sealed class FunctionsAppContractTests : ContractTests, IClassFixture<WorkerTarget>
{
    public FunctionsAppContractTests(WorkerTarget target)
        : base(target) => Skip.If(ContractTarget.IsExternal, "The suite runs only once, against WALLETFUNCTIONS_BASE_URL.");
}

public sealed class FunctionsAppMerchantTests(FunctionsHosts hosts) : MerchantTests(hosts), IClassFixture<FunctionsHosts>
{
    /// <summary>
    /// With App Service authentication, another identity precedes that of the key. Its issuer controls its claims, and its type is a name that an operator chose, so
    /// neither must select a merchant.
    /// </summary>
    [SkippableTheory]
    [InlineData("aad")]
    [InlineData("WebJobsAuthLevel")]
    public async Task Delink_WithTheNameOfAnothersKeyInAnotherIdentity_ReachesTheMerchantOfTheKey(string type)
    {
        await using var host = await Hosts.StartAsync(TwoShops);
        var principal = $$"""{"auth_typ":"{{type}}","claims":[{"typ":"http://schemas.microsoft.com/2017/07/functions/claims/keyid","val":"shop-b"}]}""";
        var request = new HttpRequestMessage(HttpMethod.Post, "/customers/shop-a_customer/delink") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("x-ms-client-principal", Convert.ToBase64String(Encoding.UTF8.GetBytes(principal)));

        var answer = await host.SendAsync(request, "key-a");

        Assert.Equal(200, answer.Status);
        Assert.Contains("caller=shop-a merchant=shop-a ", Assert.Single(host.Transcript.Logs, line => line.Contains(" delink_audit", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}

public sealed class FunctionsAppPromiseTests(FunctionsHosts hosts) : PromiseTests(hosts), IClassFixture<FunctionsHosts>;

public sealed class FunctionsAppWebhookTests(FunctionsHosts hosts) : WebhookTests(hosts), IClassFixture<FunctionsHosts>;

public sealed class FunctionsAppQueueTests(FunctionsHosts hosts) : QueueTests(hosts), IClassFixture<FunctionsHosts>;

public sealed class FunctionsAppSenderTests(FunctionsHosts hosts) : SenderTests(hosts), IClassFixture<FunctionsHosts>;

using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The samples equal real answers. <see cref="ErrorTableTests"/> compares the samples of problems.</summary>
public sealed class SampleTests
{
    [SimulatorTheory]
    [InlineData("application/x-www-form-urlencoded", "command=delink")]
    [InlineData("application/json", null)]
    public async Task Wallet_Delinked_IsTheSample(string contentType, string? body)
    {
        await using var host = await TestHost.StartAsync();
        body ??= Samples.Text("command");

        AssertIsSample("wallet.paytm", await host.DelinkAsync(TestHost.Paytm, body, contentType));
        AssertIsSample("wallet.mobikwik", await host.DelinkAsync(TestHost.Mobikwik, body, contentType));
    }

    [SimulatorFact]
    public async Task Customer_Delinked_IsTheSample()
    {
        await using var host = await TestHost.StartAsync();

        AssertIsSample("customer", await host.DelinkCustomerAsync());
        AssertIsSample("customer.again", await host.DelinkCustomerAsync());
        AssertIsSample("customer.empty", await host.DelinkCustomerAsync(SimulatedJuspay.CustomerWithoutWallets));
    }

    [SimulatorTheory]
    [InlineData("event.wallet", "webhook.wallet")]
    [InlineData("event.customer_closed", "webhook.customer")]
    [InlineData("event.consent_withdrawn", "webhook.customer")]
    [InlineData("event.cloudevents", "webhook.customer")]
    public async Task Event_Sent_IsAnsweredWithTheSample(string sent, string answered)
    {
        await using var host = await TestHost.StartAsync();

        AssertIsSample(answered, await host.SendEventAsync(Samples.Text(sent)));
    }

    [SimulatorFact]
    public async Task Event_ThatDelinksNothing_IsAnsweredWithTheSample()
    {
        await using var host = await TestHost.StartAsync();

        AssertIsSample("webhook.nothing_to_delink", await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"nobody"}}"""));
        AssertIsSample("webhook.ignored", await host.SendEventAsync("""{"type":"order.created"}"""));
        host.Fault(new Fault { Status = 503, Count = 100 });
        AssertIsSample("webhook.juspay_unavailable", await host.SendEventAsync(Samples.Text("event.wallet")), status: 503);
    }

    [SimulatorFact]
    public async Task Monitor_Asking_GetsTheSample()
    {
        await using var host = await TestHost.StartAsync();

        AssertIsSample("health", await host.GetAsync("/health"));
        AssertIsSample("ready", await host.GetAsync("/health/ready"));
    }

    private static void AssertIsSample(string name, Answer answer, int status = 200)
    {
        Assert.Equal(status, answer.Status);
        Samples.AssertIs(name, answer.Body);
    }
}

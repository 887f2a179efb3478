using System.Globalization;
using System.Net;
using WalletFunctions.Juspay;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Juspay;

public sealed class JuspayClientTests
{
    [Fact]
    public void Operations_HaveThePathsOfJuspay()
    {
        Assert.Equal(
            [("POST /wallets/{wallet_id}", "/wallets/x"), ("GET /wallets/{wallet_id}", "/wallets/x"), ("GET /customers/{customer_id}/wallets", "/customers/x/wallets")],
            new[] { JuspayOperation.DelinkWallet, JuspayOperation.GetWallet, JuspayOperation.ListWallets }.Select(operation => (operation.Span.Name, operation.Path("x"))));
    }

    /// <summary>Cookies or redirects would let one answer of Juspay change later requests.</summary>
    [Fact]
    public void Handler_KeepsNothingOfAnAnswer()
    {
        using var handler = JuspayClient.CreateHandler();

        Assert.False(handler.UseCookies || handler.AllowAutoRedirect);
        Assert.Equal(DecompressionMethods.GZip | DecompressionMethods.Deflate, handler.AutomaticDecompression);
    }

    [SimulatorTheory]
    [InlineData(302, "", "its status is 302.")]
    [InlineData(404, "<html>404</html>", "it is a 404 without Juspay's error envelope, so the base URL is probably wrong.")]
    [InlineData(200, "{}", "it has no wallet id.")]
    [InlineData(200, """{"id":"wlt_another","linked":false}""", "it is about another wallet.")]
    public async Task Answer_ThatCannotBeReliedOn_SaysWhy(int status, string body, string defect)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = status, Body = body, Count = 10 });

        var answer = await host.DelinkAsync();

        ContractTests.AssertProblem(answer, 502, "juspay_unexpected_response", retryable: true);
        Assert.Equal($"Juspay's answer cannot be relied on: {defect}", answer.Member("detail")?.GetString());
    }

    [SimulatorTheory]
    [InlineData("""{"error_info":{"code":"a_new_code"}}""")]
    [InlineData("""{"status":"ERROR","error_code":"a_new_code"}""")]
    public async Task Answer_404InTheEnvelope_MeansThatTheWalletIsUnknown(string body)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 404, Body = body, Count = 10 });

        ContractTests.AssertProblem(await host.DelinkAsync(), 404, "wallet_not_found", retryable: false);
    }

    [SimulatorTheory]
    [InlineData(40, "40")]
    [InlineData(-40, "1")]
    public async Task Answer_WithADateToRepeatAt_PassesTheTimeUntilThenOn(int seconds, string retryAfter)
    {
        await using var host = await TestHost.StartAsync(["--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault
        {
            Status = 503,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = host.Now.AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture) },
        });

        Assert.Equal(retryAfter, (await host.DelinkAsync()).RetryAfter);
    }
}

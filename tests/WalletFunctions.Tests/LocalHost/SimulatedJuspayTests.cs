using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The simulated Juspay behaves as the real one documents; otherwise the other tests would prove nothing.</summary>
public sealed class SimulatedJuspayTests : IAsyncLifetime
{
    private readonly SimulatedJuspay _juspay = new(new FaultQueue());
    private readonly HttpClient _client = new();

    public async Task InitializeAsync()
    {
        await _juspay.StartAsync();
        _juspay.Accept("the-key");
        _client.BaseAddress = new Uri(_juspay.BaseUrl);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _juspay.DisposeAsync();
    }

    [Theory]
    [InlineData("the-key:", "sized")]
    [InlineData("the-key", "chunked")]
    public async Task Delink_BasicWithAndWithoutTheColon_SizedAndChunked_IsAccepted(string credentials, string framing)
    {
        var (status, wallet) = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=delink", credentials, chunked: framing is "chunked");

        Assert.Equal(200, status);
        Assert.False(wallet.GetProperty("linked").GetBoolean());
        Assert.Equal(framing, Assert.Single(_juspay.Requests).Framing);
    }

    [Fact]
    public async Task AnyCall_WithARealVault_IsAcceptedWithAnyKey()
    {
        await using var juspay = new SimulatedJuspay(new FaultQueue());
        await juspay.StartAsync();
        using var request = Request(HttpMethod.Get, juspay.BaseUrl + "/wallets/wlm_vNb87tTUvbb86bD", "a-key-of-the-real-vault:");

        Assert.Equal(200, (await SendAsync(request)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public async Task Answer_ThatBreaksOff_IsNeverWhole(string? body)
    {
        var faults = new FaultQueue();
        await using var juspay = new SimulatedJuspay(faults);
        await juspay.StartAsync();
        faults.Add(new Fault { Status = 503, Body = body, ResetAfterBytes = 0 });
        using var request = Request(HttpMethod.Get, juspay.BaseUrl + "/wallets/wlm_vNb87tTUvbb86bD", "the-key:");

        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(request));
    }

    [Theory]
    [InlineData("another-key:")]
    [InlineData("")]
    public async Task AnyCall_WithAnotherKey_Is401(string credentials)
    {
        var (status, error) = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=delink", credentials);

        Assert.Equal((401, "UNAUTHORIZED"), (status, error.GetProperty("error_info").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task AnyCall_WithoutRoutingId_Is400()
    {
        var (status, error) = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=delink", routingId: null);

        Assert.Equal((400, "MISSING_MANDATORY_PARAMETER"), (status, error.GetProperty("error_info").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Delink_UnknownWallet_Is404()
    {
        var (status, error) = await PostAsync("/wallets/wlt_unknown", "command=delink");

        Assert.Equal((404, "RESOURCE_NOT_FOUND"), (status, error.GetProperty("error_info").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Link_GoesThroughItsSteps()
    {
        await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=delink");
        await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=authenticate");

        var withoutOtp = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=link");
        var wrongOtp = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=link&otp=000000");
        var linked = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", $"command=link&otp={SimulatedJuspay.Otp}");
        var refreshed = await PostAsync("/wallets/wlm_vNb87tTUvbb86bD", "command=refresh");

        Assert.Equal((400, "OTP is required while linking wallet."), (withoutOtp.Status, withoutOtp.Body.GetProperty("error_message").GetString()));
        Assert.Equal((200, false), (wrongOtp.Status, wrongOtp.Body.GetProperty("linked").GetBoolean()));
        Assert.Equal((200, true), (linked.Status, linked.Body.GetProperty("linked").GetBoolean()));
        Assert.StartsWith("tkn_", refreshed.Body.GetProperty("token").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfALinkedWallet_MintsATokenAndUsesStrings()
    {
        using var request = Request(HttpMethod.Get, "/wallets/wlt_q23xzki3pazgtezo");
        var (status, wallet) = await SendAsync(request);

        Assert.Equal((200, "true", "109.55"), (status, wallet.GetProperty("linked").GetString(), wallet.GetProperty("current_balance").GetString()));
        Assert.Equal(wallet.GetProperty("token").GetString(), Assert.Single(_juspay.MintedTokens));
    }

    [Fact]
    public async Task CreateAndList_KnowTheCustomersWallets()
    {
        var (_, created) = await PostAsync("/customers/customer_2/wallets", "gateway=MOBIKWIK");
        using var request = Request(HttpMethod.Get, "/customers/customer_2/wallets");
        var (status, list) = await SendAsync(request);

        Assert.Equal(200, status);
        Assert.Equal((0, 1, 1, "list"), (
            list.GetProperty("offset").GetInt32(), list.GetProperty("count").GetInt32(), list.GetProperty("total").GetInt32(), list.GetProperty("object").GetString()));
        Assert.Equal(created.GetProperty("id").GetString(), list.GetProperty("list")[0].GetProperty("id").GetString());
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string credentials = "the-key:", string? routingId = "customer_1122")
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = credentials is "" ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        if (routingId is not null)
        {
            request.Headers.Add("x-routing-id", routingId);
        }

        return request;
    }

    private async Task<(int Status, JsonElement Body)> PostAsync(
        string path, string form, string credentials = "the-key:", string? routingId = "customer_1122", bool chunked = false)
    {
        using var request = Request(HttpMethod.Post, path, credentials, routingId);
        request.Headers.TransferEncodingChunked = chunked;
        request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        return await SendAsync(request);
    }

    private async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request)
    {
        using var response = await _client.SendAsync(request);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }
}

using System.Net.Http.Headers;
using System.Text;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace WalletFunctions.Benchmarks.Workers;

/// <summary>The simplest code: clients are created for each call, and the credential tries several sources.</summary>
public static class Naive
{
    /// <summary>Delinks a wallet.</summary>
    [Function(nameof(Naive))]
    public static async Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "wallets/{walletId}")] HttpRequestData request, string walletId)
    {
        var vault = new SecretClient(new Uri(Environment.GetEnvironmentVariable("KeyVault__Uri")!), new DefaultAzureCredential());
        var key = (await vault.GetSecretAsync("juspay-api-key")).Value.Value;

        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(key + ":")));
        client.DefaultRequestHeaders.Add("x-routing-id", request.Headers.GetValues("x-routing-id"));
        using var content = new FormUrlEncodedContent([new("command", "delink")]);
        using var answer = await client.PostAsync($"{Environment.GetEnvironmentVariable("Juspay__BaseUrl")}/wallets/{walletId}", content);
        var response = request.CreateResponse(answer.StatusCode);
        await response.WriteStringAsync(await answer.Content.ReadAsStringAsync());
        return response;
    }
}

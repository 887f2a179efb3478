using System.Net.Http.Headers;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>The straightforward implementation: creates its clients for each call, and uses a credential that tries several sources.</summary>
internal static class Naive
{
    // Shared by all clients, like Azure.Core's default transport.
    private static readonly HttpClientTransport Transport = new(Elsewhere.Redirect(new SocketsHttpHandler()));

    public static Task<int> RunAsync(string[] args)
    {
        var app = Host.CreateBuilder(args).Build();
        app.MapPost("/wallets/{walletId}", async context =>
        {
            var credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { Transport = Transport });
            var vault = new SecretClient(new Uri(Elsewhere.VaultUri), credential, new SecretClientOptions { Transport = Transport });
            var key = (await vault.GetSecretAsync("juspay-api-key")).Value.Value;

            using var client = new HttpClient(Elsewhere.Redirect(new SocketsHttpHandler()));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(key + ":")));
            client.DefaultRequestHeaders.Add("x-routing-id", context.Request.Headers["x-routing-id"].ToString());
            using var content = new FormUrlEncodedContent([new("command", "delink")]);
            using var response = await client.PostAsync($"{Elsewhere.JuspayBaseUrl}/wallets/{context.Request.RouteValues["walletId"]}", content);
            context.Response.StatusCode = (int)response.StatusCode;
            await context.Response.WriteAsync(await response.Content.ReadAsStringAsync());
        });
        return Host.RunAsync(app);
    }
}

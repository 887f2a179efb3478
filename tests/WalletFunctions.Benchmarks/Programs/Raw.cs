using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>The same three exchanges, token, secret and delink; the first two start with the process. No promise is kept.</summary>
internal static class Raw
{
    private static readonly HttpClient Client = new(Elsewhere.Redirect(new SocketsHttpHandler()));

    /// <param name="args">For the host.</param>
    /// <param name="readKey">How the key is read.</param>
    public static Task<int> RunAsync(string[] args, Func<Task<string>> readKey)
    {
        var key = Task.Run(readKey);
        var app = Host.CreateBuilder(args).Build();
        app.MapPost("/wallets/{walletId}", async context =>
        {
            var url = $"{Elsewhere.JuspayBaseUrl}/wallets/{context.Request.RouteValues["walletId"]}";
            using var request = new HttpRequestMessage(HttpMethod.Post, url);
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(await key + ":")));
            request.Headers.Add("x-routing-id", context.Request.Headers["x-routing-id"].ToString());
            request.Content = new ByteArrayContent("command=delink"u8.ToArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            using var response = await Client.SendAsync(request);
            context.Response.StatusCode = (int)response.StatusCode;
            await context.Response.Body.WriteAsync(await response.Content.ReadAsByteArrayAsync());
        });
        return Host.RunAsync(app);
    }

    /// <summary>By one plain client.</summary>
    public static async Task<string> ReadKeyAsync()
    {
        using var tokenRequest = new HttpRequestMessage(
            HttpMethod.Get,
            $"{Elsewhere.Variable("IDENTITY_ENDPOINT")}?api-version=2019-08-01&resource=https://vault.azure.net&client_id={Elsewhere.Variable("AZURE_CLIENT_ID")}");
        tokenRequest.Headers.Add("X-IDENTITY-HEADER", Elsewhere.Variable("IDENTITY_HEADER"));
        var token = await ReadAsync(tokenRequest, "access_token");

        using var secretRequest = new HttpRequestMessage(HttpMethod.Get, $"{Elsewhere.VaultUri}/secrets/juspay-api-key?api-version=7.6");
        secretRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await ReadAsync(secretRequest, "value");
    }

    private static async Task<string> ReadAsync(HttpRequestMessage request, string member)
    {
        using var response = await Client.SendAsync(request);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.GetProperty(member).GetString()!;
    }
}

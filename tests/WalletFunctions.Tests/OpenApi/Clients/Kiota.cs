using Generated;
using Generated.Models;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

/// <summary>Delinks with the client that Kiota generates.</summary>
internal static class Caller
{
    public static async Task<string> DelinkAsync(HttpClient http, string walletId, string customerId)
    {
        using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = http.BaseAddress!.AbsoluteUri };
        try
        {
            var wallet = await new WalletClient(adapter).Wallets[walletId].PostAsync(
                new DelinkCommand { Command = DelinkCommand_command.Delink }, request => request.Headers.Add("x-routing-id", customerId));
            return $"linked: {wallet!.Linked}";
        }
        catch (Problem problem)
        {
            return $"{problem.ResponseStatusCode} {problem.Code}, retryable: {problem.Retryable}";
        }
        catch (ApiException exception)
        {
            return $"{exception.ResponseStatusCode}";
        }
    }
}

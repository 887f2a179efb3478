using Generated;

/// <summary>Delinks with the client that NSwag generates.</summary>
internal static class Caller
{
    public static async Task<string> DelinkAsync(HttpClient http, string walletId, string customerId)
    {
        var client = new WalletClient(http) { BaseUrl = http.BaseAddress!.AbsoluteUri };
        try
        {
            var wallet = await client.DelinkWalletAsync(walletId, customerId, new DelinkCommand { Command = DelinkCommandCommand.Delink });
            return $"linked: {wallet.Linked}";
        }
        catch (ApiException<Problem> exception)
        {
            return $"{exception.StatusCode} {exception.Result.Code}, retryable: {exception.Result.Retryable}";
        }
        catch (ApiException exception)
        {
            return $"{exception.StatusCode}";
        }
    }
}

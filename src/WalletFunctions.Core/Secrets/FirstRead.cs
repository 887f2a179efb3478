using System.Net;
using System.Text.Json;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;

namespace WalletFunctions.Secrets;

/// <summary>
/// The read of a secret that the first delink of an instance waits for, by the two plain requests that it comes to: a token from the platform's
/// identity endpoint, the secret from Key Vault. <see cref="SecretClient"/> asks for the same, but loading it and its credential takes longer than
/// the rest of a cold start, and it needs a third request to learn what token to bring. It does every other read, and this one again where
/// anything at all is not as it should be: here nothing is repeated, explained or reported.
/// Sources: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference and
/// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret.
/// </summary>
internal sealed class FirstRead
{
    /// <summary>The longest that each of the two requests takes, so that most of <see cref="CachedSecret{T}.ReadTimeout"/> is left.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2.5);

    private readonly HttpClient _http;
    private readonly Uri _vault;
    private readonly TimeProvider _time;
    private readonly Task<string?> _token;

    private FirstRead(KeyVaultTransport transport, Uri vault, TimeProvider time, Uri tokenUrl, string identityHeader)
    {
        _http = transport.Client;
        _vault = vault;
        _time = time;
        _token = Task.Run(() => GetAsync(tokenUrl, "X-IDENTITY-HEADER", identityHeader, token => token.GetProperty("access_token").GetString()));
    }

    /// <summary>Begins with the token; null where the platform does not announce an identity endpoint as App Service and Functions do.</summary>
    public static FirstRead? Begin(KeyVaultTransport transport, KeyVaultOptions options, TimeProvider time, IConfiguration configuration)
    {
        if (!Uri.TryCreate(configuration["IDENTITY_ENDPOINT"], UriKind.Absolute, out var endpoint) || configuration["IDENTITY_HEADER"] is not { Length: > 0 } header)
        {
            return null;
        }

        // https://{name}.vault.azure.net, and its like in other clouds, takes tokens for https://vault.azure.net.
        var resource = options.Uri.Host[(options.Uri.Host.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var clientId = configuration["AZURE_CLIENT_ID"] is { Length: > 0 } id ? "&client_id=" + Uri.EscapeDataString(id) : "";
        return new FirstRead(transport, options.Uri, time, new Uri($"{endpoint}?api-version=2019-08-01&resource=https://{resource}{clientId}"), header);
    }

    /// <summary>The newest version of the secret, or null.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="ready">Done when a TLS handshake may begin. It must not fail.</param>
    public async Task<KeyVaultSecret?> TryReadAsync(string name, Task ready)
    {
        if (await _token is not { Length: > 0 } token)
        {
            return null;
        }

        await ready;
        return await GetAsync(new Uri(_vault, $"/secrets/{name}?api-version=7.6"), "Authorization", "Bearer " + token, ToSecret);
    }

    private static KeyVaultSecret? ToSecret(JsonElement secret)
    {
        var id = new Uri(secret.GetProperty("id").GetString()!);
        var properties = SecretModelFactory.SecretProperties(id, name: id.Segments[^2].TrimEnd('/'), version: id.Segments[^1]);
        if (secret.GetProperty("attributes").TryGetProperty("exp", out var expiry))
        {
            properties.ExpiresOn = DateTimeOffset.FromUnixTimeSeconds(expiry.GetInt64());
        }

        return SecretModelFactory.KeyVaultSecret(properties, secret.GetProperty("value").GetString());
    }

    private async Task<T?> GetAsync<T>(Uri url, string header, string value, Func<JsonElement, T?> read)
        where T : class
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation(header, value);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                return null;
            }

            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: limit.Token);
            return read(document.RootElement);
        }
        // Whatever it is, it happens to SecretClient as well, which tells it properly.
        catch (Exception)
        {
            return null;
        }
    }
}

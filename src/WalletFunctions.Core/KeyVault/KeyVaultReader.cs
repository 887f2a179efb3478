using System.Net;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;

namespace WalletFunctions.KeyVault;

/// <summary>The HTTP handler to Key Vault and to the identity endpoint. A host may register its own instance. It must not follow redirects.</summary>
internal sealed class KeyVaultHandler(HttpMessageHandler handler) : DelegatingHandler(handler)
{
    /// <summary>Creates the handler for production: no cookies, no redirects, and connections of limited age, so that a DNS change takes effect.</summary>
    public static KeyVaultHandler Create() => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });
}

/// <summary>
/// Reads secrets from Key Vault. <see cref="SecretClient"/> does every read except a secret's first one, for which loading it and its credential would
/// take longer than the rest of a cold start. Where the platform announces an identity endpoint, the first read sends the same two requests itself (a
/// token from that endpoint, then the secret), and starts before it is needed. If it fails, <see cref="SecretClient"/> repeats it and reports the failure.
/// Sources: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference and
/// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret.
/// </summary>
#pragma warning disable CA1001 // The client lives as long as the process, because a read may outlive the host's services.
internal sealed class KeyVaultReader
#pragma warning restore CA1001
{
    /// <summary>The limit of each request of a first read. It leaves most of <see cref="CachedSecret{T}.ReadTimeout"/> to <see cref="SecretClient"/>.</summary>
    public static readonly TimeSpan FirstReadTimeout = TimeSpan.FromSeconds(2.5);

    private readonly Uri _vault;
    private readonly TimeProvider _time;
    private readonly Task _tlsReady;
    private readonly HttpClient _http;
    private readonly Lazy<SecretClient> _client;
    private readonly Task<string?> _token;
    private readonly Dictionary<string, Task<KeyVaultSecret?>> _firstReads = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="vault">The vault's address.</param>
    /// <param name="configuration">The platform's announcement of the managed identity.</param>
    /// <param name="handler">The handler for all requests.</param>
    /// <param name="time">The clock for time-outs.</param>
    /// <param name="tlsReady">Completes when TLS handshakes may start. It must not fail.</param>
    public KeyVaultReader(Uri vault, IConfiguration configuration, KeyVaultHandler handler, TimeProvider time, Task tlsReady)
    {
#pragma warning disable RS0030 // This is the only client to Key Vault. Each request has a time-out of its own, which is shorter than the client's.
        _http = new HttpClient(handler);
#pragma warning restore RS0030
        (_vault, _time, _tlsReady) = (vault, time, tlsReady);
        _client = new Lazy<SecretClient>(() => CreateClient(vault, configuration, new HttpClientTransport(_http)));
        _token = Task.Run(() => GetTokenAsync(configuration));
    }

    /// <summary>Starts the first reads of these secrets. Call it before <see cref="ReaderOf"/>.</summary>
    public void StartFirstReads(IEnumerable<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            _firstReads.Add(name, Task.Run(() => TryReadAsync(name)));
        }
    }

    /// <summary>
    /// Returns a function that reads the newest version of a secret. Its first call returns the result of the secret's first read if that was started.
    /// It throws any exception that <see cref="SecretFailure"/> explains.
    /// </summary>
    public Func<CancellationToken, Task<KeyVaultSecret>> ReaderOf(string name)
    {
        var first = _firstReads.GetValueOrDefault(name);
        return async cancellationToken =>
            Interlocked.Exchange(ref first, null) is { } started && await started.WaitAsync(cancellationToken) is { } secret
                ? secret
                : (await _client.Value.GetSecretAsync(name, cancellationToken: cancellationToken)).Value;
    }

    internal static SecretClient CreateClient(Uri vault, IConfiguration configuration, HttpPipelineTransport transport) =>
        new(vault, CreateCredential(configuration, transport), WithShortRetries(new SecretClientOptions { Transport = transport }));

    /// <summary>
    /// Creates the managed identity's credential if the platform offers one (App Service and Functions set <c>IDENTITY_ENDPOINT</c>) or
    /// <c>AZURE_TOKEN_CREDENTIALS</c> requests it, and otherwise the developer's own sign-in. In production, no chain of credentials is tried.
    /// </summary>
    internal static TokenCredential CreateCredential(IConfiguration configuration, HttpPipelineTransport transport, string? clientId = null)
    {
        var isOnPlatform = !string.IsNullOrEmpty(configuration["IDENTITY_ENDPOINT"]);
        var isRequested = string.Equals(configuration["AZURE_TOKEN_CREDENTIALS"], nameof(ManagedIdentityCredential), StringComparison.OrdinalIgnoreCase);
        if (!isOnPlatform && !isRequested)
        {
            return new ChainedTokenCredential(new AzureCliCredential(), new AzureDeveloperCliCredential());
        }

        var identity = (clientId ?? configuration["AZURE_CLIENT_ID"]) is { Length: > 0 } identityId
            ? ManagedIdentityId.FromUserAssignedClientId(identityId)
            : ManagedIdentityId.SystemAssigned;
        return new ManagedIdentityCredential(WithShortRetries(new ManagedIdentityCredentialOptions(identity) { Transport = transport }));
    }

    /// <summary>Reads a secret with the token of the identity endpoint; null after any failure.</summary>
    internal async Task<KeyVaultSecret?> TryReadAsync(string name)
    {
        if (await _token is not { Length: > 0 } token)
        {
            return null;
        }

        await _tlsReady;
        return await GetAsync(new Uri(_vault, $"/secrets/{name}?api-version=7.6"), "Authorization", "Bearer " + token, ToSecret);
    }

    private async Task<string?> GetTokenAsync(IConfiguration configuration)
    {
        if (!Uri.TryCreate(configuration["IDENTITY_ENDPOINT"], UriKind.Absolute, out var endpoint) || configuration["IDENTITY_HEADER"] is not { Length: > 0 } header)
        {
            return null;
        }

        // Vaults at https://{name}.vault.azure.net, or the same in other clouds, accept tokens for https://vault.azure.net.
        var resource = _vault.Host[(_vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var clientId = configuration["AZURE_CLIENT_ID"] is { Length: > 0 } id ? "&client_id=" + Uri.EscapeDataString(id) : "";
        var url = new Uri($"{endpoint}?api-version=2019-08-01&resource=https://{resource}{clientId}");
        return await GetAsync(url, "X-IDENTITY-HEADER", header, token => token.GetProperty("access_token").GetString());
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
        using var timeout = new CancellationTokenSource(FirstReadTimeout, _time);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation(header, value);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (response.StatusCode is not HttpStatusCode.OK)
            {
                return null;
            }

            await using var body = await response.Content.ReadAsStreamAsync(timeout.Token);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: timeout.Token);
            return read(document.RootElement);
        }
        catch (Exception)
        {
            // See the class.
            return null;
        }
    }

    /// <summary>Limits retries to a few seconds, because <see cref="CachedSecret{T}"/> decides when to try again later.</summary>
    private static T WithShortRetries<T>(T options)
        where T : ClientOptions
    {
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(5);
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }
}

namespace WalletFunctions.Secrets;

/// <summary>The way to Key Vault and to the identity endpoint, for <see cref="FirstRead"/> and the Azure clients alike.</summary>
public sealed class KeyVaultTransport
{
    /// <param name="handler">What sends; it must follow no redirect.</param>
    public KeyVaultTransport(HttpMessageHandler handler)
    {
#pragma warning disable RS0030 // This is the one client to Key Vault; each use of it has its own time-out.
        Client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    internal HttpClient Client { get; }

    /// <summary>For production: pooled for a bounded time, so that a DNS change is seen; no cookies, no redirects.</summary>
    internal static KeyVaultTransport Create() => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });
}

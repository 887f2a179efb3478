using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace WalletFunctions;

/// <summary>
/// Prepares, while the host starts, what the first delink would otherwise wait for. Failures are ignored here: the first real use repeats the step and
/// reports them.
/// </summary>
internal static class Warmup
{
    /// <summary>
    /// Reads the machine's trusted certificates into the runtime's cache, which is the largest part of the first TLS handshake. Handshakes wait for it,
    /// because each one that starts before the cache is filled reads all certificates again.
    /// Source: OpenSslCachedSystemStoreProvider in https://github.com/dotnet/runtime.
    /// </summary>
    public static Task ReadTrustedRootsAsync() => Task.Run(() =>
    {
        try
        {
            using var roots = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
            roots.Open(OpenFlags.ReadOnly);
            foreach (var certificate in roots.Certificates)
            {
                certificate.Dispose();
            }
        }
        catch (Exception)
        {
            // See the class.
        }
    });

    /// <summary>
    /// Opens a connection for the first request and sends nothing over it. Call it when the host starts its services: earlier it would take processor
    /// time from the host, and later the first delink might wait for it.
    /// </summary>
    public static async Task ConnectAsync(HttpClient http, string baseUrl)
    {
        // A connection outlives the request that asked for it, so this request is cancelled at once. If the connection is faster, still nothing is sent.
        using var cancellation = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(baseUrl)) { Content = new SilentContent() };
        var sending = http.SendAsync(request, cancellation.Token);
        await cancellation.CancelAsync();
        try
        {
            using var response = await sending;
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            // Cancelled as intended, or see the class.
        }
    }

    /// <summary>
    /// HttpClient sends headers together with the first byte of the body. This content never writes one, so nothing is sent.
    /// </summary>
    private sealed class SilentContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            new TaskCompletionSource().Task.WaitAsync(cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace WalletFunctions.Benchmarks;

/// <summary>
/// Connects to Juspay, Key Vault and the identity endpoint, which another process simulates. Host names are mapped to loopback ports, and the certificate is
/// trusted by its hash, so that nothing must be installed on the machine.
/// </summary>
internal static class Elsewhere
{
    public static string JuspayBaseUrl => Variable("Juspay__BaseUrl");

    public static string VaultUri => Variable("KeyVault__Uri");

    public static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");

    public static SocketsHttpHandler Redirect(SocketsHttpHandler handler)
    {
        var ports = Variable("BENCHMARK_PORTS").Split(';').Select(pair => pair.Split('=')).ToDictionary(
            pair => pair[0], pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);
        var certificateHash = Variable("BENCHMARK_CERTIFICATE");
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, ports[context.DnsEndPoint.Host], cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == certificateHash;
        return handler;
    }
}

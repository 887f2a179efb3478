using System.Net;
using System.Net.Sockets;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>
/// Reaches Juspay, Key Vault and the identity endpoint, which another process simulates: host names lead to its loopback ports, and its
/// certificate is trusted by its hash, so that nothing need be installed on the machine.
/// </summary>
internal static class Elsewhere
{
    private static readonly Dictionary<string, int> Ports = Variable("BENCHMARK_PORTS").Split(';')
        .Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static readonly string CertificateHash = Variable("BENCHMARK_CERTIFICATE");

    public static string JuspayBaseUrl => Variable("Juspay__BaseUrl");

    public static string VaultUri => Variable("KeyVault__Uri");

    public static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");

    public static SocketsHttpHandler Redirect(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Ports[context.DnsEndPoint.Host], cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == CertificateHash;
        return handler;
    }
}

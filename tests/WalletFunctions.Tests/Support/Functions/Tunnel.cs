using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// An HTTP proxy that connects every CONNECT to one loopback port, for any host name. A process that has it in the variable <c>HTTPS_PROXY</c> reaches a
/// simulated vault under a name of the real kind.
/// </summary>
internal sealed class Tunnel : IDisposable
{
    private static readonly byte[] Connected = "HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly int _port;

    /// <param name="port">The loopback port.</param>
    public Tunnel(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port);
                var (near, far) = (client.GetStream(), server.GetStream());
                await SkipHeadAsync(near);
                await near.WriteAsync(Connected);
                await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // Either side has hung up.
            }
        }
    }

    /// <summary>Reads up to the empty line after the request; what comes next belongs to the tunnel.</summary>
    private static async Task SkipHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(next);
            head.Append((char)next[0]);
        }
    }
}

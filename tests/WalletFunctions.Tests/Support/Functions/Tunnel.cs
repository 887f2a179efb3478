using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// An HTTP proxy that connects every CONNECT request to a loopback port, chosen by the host name. A process with this proxy in the variable <c>HTTPS_PROXY</c>
/// reaches a simulated server under a realistic name.
/// </summary>
internal sealed class Tunnel : IDisposable
{
    private static readonly byte[] Connected = "HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly Func<string, int> _portOf;

    /// <param name="portOf">Returns the port for a host name.</param>
    public Tunnel(Func<string, int> portOf)
    {
        _portOf = portOf;
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
            // The tunnel was disposed of.
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
                var near = client.GetStream();
                await server.ConnectAsync(IPAddress.Loopback, _portOf(await ReadHostAsync(near)));
                var far = server.GetStream();
                await near.WriteAsync(Connected);
                await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // One side has closed the connection.
            }
        }
    }

    /// <summary>Reads up to the empty line after <c>CONNECT host:port HTTP/1.1</c> and its headers; the bytes after that belong to the tunnel.</summary>
    private static async Task<string> ReadHostAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(next);
            head.Append((char)next[0]);
        }

        return head.ToString().Split(' ', ':')[1];
    }
}

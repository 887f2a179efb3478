using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WalletFunctions.Tests.Faults;

/// <summary>The faults below HTTP.</summary>
internal enum WireFault
{
    /// <summary>The name does not resolve.</summary>
    NoSuchHost,

    /// <summary>Nothing listens at the address.</summary>
    Refused,

    /// <summary>The packets that open the connection are lost.</summary>
    ConnectSilence,

    /// <summary>The certificate is not trusted.</summary>
    TlsUntrusted,

    /// <summary>The server does not use TLS.</summary>
    TlsGarbage,

    /// <summary>The connection is closed before the handshake.</summary>
    TlsClosed,

    /// <summary>The handshake is never answered.</summary>
    TlsSilence,

    /// <summary>The connection is closed before the request is read.</summary>
    Closed,

    /// <summary>The connection is reset before the request is read.</summary>
    Reset,

    /// <summary>The connection is reset after half the request was sent.</summary>
    RequestCut,

    /// <summary>Half the request is sent, and then the connection is silent.</summary>
    RequestStalls,

    /// <summary>The request is carried out, and the connection closed before the answer.</summary>
    AnswerClosed,

    /// <summary>The request is carried out, and the connection reset before the answer.</summary>
    AnswerReset,

    /// <summary>The request is carried out, and the connection closed within the answer's headers.</summary>
    ClosedInHeaders,

    /// <summary>The request is carried out, and the connection reset within the answer's headers.</summary>
    ResetInHeaders,

    /// <summary>The request is carried out, and the connection closed within the answer's body.</summary>
    ClosedInBody,

    /// <summary>The request is carried out, and the connection reset within the answer's body.</summary>
    ResetInBody,

    /// <summary>The request is carried out, and the connection is silent after half the answer's body.</summary>
    StallsInBody,

    /// <summary>The request is carried out, and the answer is not HTTP.</summary>
    NotHttp,

    /// <summary>The request is carried out, and the answer arrives slowly, but is complete just before the time-out.</summary>
    DripsUnder,

    /// <summary>The request is carried out, and the answer arrives slowly and is incomplete at the time-out.</summary>
    DripsOver,
}

/// <summary>The connections to one server, on real sockets, with the faults that a server cannot cause itself.</summary>
/// <param name="timeout">The time-out that a slow answer just meets or misses, on the test's clock.</param>
/// <param name="isTls">Whether this wire speaks TLS to the client and plain HTTP to the server.</param>
internal sealed class Wire(TimeSpan timeout, bool isTls = false) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(WireFault Fault, bool OnReuse, int Left)> _waiting = [];
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2 _certificate = CreateCertificate();
    private readonly TimeSpan _timeout = timeout;
    private int _silences;

    /// <summary>Whether the client must speak TLS.</summary>
    public bool IsTls { get; } = isTls;

    /// <summary>Advances the test's clock.</summary>
    public Action<TimeSpan>? Advance { get; set; }

    /// <summary>Returns the fault of an exchange that no fault is waiting for, by the first bytes of its request.</summary>
    public Func<ReadOnlyMemory<byte>, WireFault?>? Otherwise { get; set; }

    /// <summary>Called when a connection is silent, so that only time can end it.</summary>
    public Action? Silent { get; set; }

    /// <summary>How often a connection was silent.</summary>
    public int Silences => Volatile.Read(ref _silences);

    /// <summary>Whether every fault occurred as often as it should.</summary>
    public bool IsThrough
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count is 0;
            }
        }
    }

    /// <param name="fault">The fault of the next connections or exchanges.</param>
    /// <param name="count">How many.</param>
    /// <param name="onReuse">Affects only exchanges on a connection that was used before.</param>
    public void Add(WireFault fault, int count, bool onReuse = false)
    {
        lock (_gate)
        {
            _waiting.Add((fault, onReuse, count));
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _waiting.Clear();
        }
    }

    /// <summary>Makes a handler use this wire for one host or for all.</summary>
    public SocketsHttpHandler Under(SocketsHttpHandler handler, string? host = null)
    {
        var connect = handler.ConnectCallback ?? DialAsync;
        handler.ConnectCallback = async (context, cancellationToken) => host is null || context.DnsEndPoint.Host == host
            ? new Exchanges(await ConnectAsync(connect, context, cancellationToken), this)
            : await connect(context, cancellationToken);
        if (IsTls)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == _certificate.GetCertHashString();
        }

        return handler;
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _certificate.Dispose();
    }

    private static async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await DialAsync(context.DnsEndPoint.Port, cancellationToken);

    private static async Task<NetworkStream> DialAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<NetworkStream> ConnectAsync(
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var fault = Take(WireFault.NoSuchHost, WireFault.TlsSilence, isReuse: false);
        if (fault is WireFault.NoSuchHost or WireFault.Refused)
        {
            throw new SocketException((int)(fault is WireFault.Refused ? SocketError.ConnectionRefused : SocketError.HostNotFound));
        }

        if (fault is WireFault.ConnectSilence)
        {
            await Task.Delay(-1, cancellationToken);
        }

        if (fault is null && !IsTls)
        {
            return (NetworkStream)await connect(context, cancellationToken);
        }

        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        var client = await DialAsync(((IPEndPoint)listener.LocalEndpoint).Port, cancellationToken);
        _ = ServeTlsAsync(await listener.AcceptTcpClientAsync(cancellationToken), fault, () => connect(context, _end.Token));
        return client;
    }

    /// <summary>Acts as the TLS end of the server, with the fault.</summary>
    private async Task ServeTlsAsync(TcpClient client, WireFault? fault, Func<ValueTask<Stream>> connect)
    {
        using var stranger = CreateCertificate();
        using (client)
        {
            try
            {
                if (fault is not (null or WireFault.TlsUntrusted))
                {
                    _ = await client.GetStream().ReadAsync(new byte[4096], _end.Token);
                    if (fault is WireFault.TlsGarbage)
                    {
                        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), _end.Token);
                    }
                    else if (fault is WireFault.TlsSilence)
                    {
                        await Task.Delay(-1, _end.Token);
                    }

                    return;
                }

                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(fault is null ? _certificate : stranger);
                await using var server = await connect();
                await Task.WhenAny(tls.CopyToAsync(server, _end.Token), server.CopyToAsync(tls, _end.Token));
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
            {
                // The other end has closed, as expected.
            }
        }
    }

    private WireFault? Take(WireFault first, WireFault last, bool isReuse)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(waiting => waiting.Fault >= first && waiting.Fault <= last && (isReuse || !waiting.OnReuse));
            if (index < 0)
            {
                return null;
            }

            var (fault, onReuse, left) = _waiting[index];
            if (left > 1)
            {
                _waiting[index] = (fault, onReuse, left - 1);
            }
            else
            {
                _waiting.RemoveAt(index);
            }

            return fault;
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=juspay.test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    /// <summary>One connection as a series of exchanges of a request and its answer. A write after a read starts the next exchange.</summary>
    private sealed class Exchanges(NetworkStream inner, Wire wire) : Stream
    {
        private static readonly IOException Broken = new("the connection was reset", new SocketException((int)SocketError.ConnectionReset));

        private readonly CancellationTokenSource _disposed = new();
        private WireFault? _fault;
        private int _begun;
        private bool _isReading = true;
        private IEnumerator<Step>? _script;
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isReading)
            {
                _isReading = false;
                _fault = wire.Take(WireFault.Closed, WireFault.DripsOver, isReuse: _begun++ > 0) ?? wire.Otherwise?.Invoke(buffer);
            }

            switch (_fault)
            {
                case WireFault.Closed:
                    inner.Socket.Shutdown(SocketShutdown.Both);
                    break;
                case WireFault.Reset:
                    inner.Dispose();
                    throw Broken;
                case WireFault.RequestCut:
                    await inner.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
                    inner.Dispose();
                    throw Broken;
                case WireFault.RequestStalls:
                    await inner.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
                    await SilenceAsync(cancellationToken);
                    break;
                default:
                    await inner.WriteAsync(buffer, cancellationToken);
                    break;
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_script is null)
            {
                // The client may read before it writes, to notice when an idle connection is closed.
                var read = await inner.ReadAsync(buffer, cancellationToken);
                _isReading = true;
                if (read is 0 || _fault is null or WireFault.Closed)
                {
                    return read;
                }

                _script = Script(_fault.Value, buffer[..read].ToArray()).GetEnumerator();
            }

            while (_rest.IsEmpty)
            {
                if (!_script.MoveNext())
                {
                    (_script, _fault) = (null, null);
                    return await ReadAsync(buffer, cancellationToken);
                }

                switch (_script.Current)
                {
                    case Step.Bytes bytes:
                        _rest = bytes.Value;
                        break;
                    case Step.Pause pause:
                        wire.Advance!(pause.Time);
                        cancellationToken.ThrowIfCancellationRequested();
                        break;
                    case Step.Silence:
                        await SilenceAsync(cancellationToken);
                        break;
                    case Step.Close:
                        return 0;
                    default:
                        throw Broken;
                }
            }

            var length = Math.Min(buffer.Length, _rest.Length);
            _rest[..length].CopyTo(buffer);
            _rest = _rest[length..];
            return length;
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _disposed.Cancel();
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private IEnumerable<Step> Script(WireFault fault, byte[] answer)
        {
            var body = answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
            var halfHeaders = new Step.Bytes(answer.AsMemory(0, body / 2));
            var halfBody = new Step.Bytes(answer.AsMemory(0, (body + answer.Length) / 2));
            return fault switch
            {
                WireFault.AnswerClosed => [new Step.Close()],
                WireFault.AnswerReset => [new Step.Reset()],
                WireFault.ClosedInHeaders => [halfHeaders, new Step.Close()],
                WireFault.ResetInHeaders => [halfHeaders, new Step.Reset()],
                WireFault.ClosedInBody => [halfBody, new Step.Close()],
                WireFault.ResetInBody => [halfBody, new Step.Reset()],
                WireFault.StallsInBody => [halfBody, new Step.Silence()],
                WireFault.NotHttp => [new Step.Bytes("220 mail.example.com ESMTP ready\r\n"u8.ToArray()), new Step.Close()],
                WireFault.DripsUnder => Drip(answer, wire._timeout - TimeSpan.FromMilliseconds(1)),
                _ => Drip(answer, wire._timeout),
            };
        }

        /// <summary>The answer in pieces, of which the last arrives after that time.</summary>
        private static IEnumerable<Step> Drip(byte[] answer, TimeSpan timeout)
        {
            var pieces = answer.Chunk((answer.Length / 8) + 1).ToArray();
            var passed = TimeSpan.Zero;
            for (var i = 0; i < pieces.Length; i++)
            {
                var due = timeout * i / (pieces.Length - 1);
                yield return new Step.Pause(due - passed);
                yield return new Step.Bytes(pieces[i]);
                passed = due;
            }
        }

        private async Task SilenceAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref wire._silences);
            wire.Silent?.Invoke();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token, wire._end.Token);
            await Task.Delay(-1, either.Token);
        }

        private abstract record Step
        {
            public sealed record Bytes(ReadOnlyMemory<byte> Value) : Step;

            public sealed record Pause(TimeSpan Time) : Step;

            public sealed record Silence : Step;

            public sealed record Close : Step;

            public sealed record Reset : Step;
        }
    }
}

using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>The answer of a simulator without a fault.</summary>
internal sealed record SimulatedAnswer(int Status, string Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>An HTTP server on a free loopback port, whose answers may have faults.</summary>
internal sealed class SimulatedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatedServer(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<SimulatedServer> StartAsync(RequestDelegate handle, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder([LocalHostApp.NoReload]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port: 0, listener =>
            {
                if (certificate is not null)
                {
                    listener.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new SimulatedServer(app);
    }

    /// <summary>Answers one request, with its fault if it has one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="fault">The request's fault, if any.</param>
    /// <param name="carryOut">Makes the requested change and returns the correct answer. It is not called if the fault prevents that.</param>
    /// <returns>The status that was sent; null if the connection was broken.</returns>
    public static async Task<int?> AnswerAsync(HttpContext context, Fault? fault, Func<SimulatedAnswer> carryOut)
    {
        fault ??= new Fault();
        try
        {
            return await SufferAsync(context, fault, carryOut);
        }
        catch (OperationCanceledException) when (fault.TakenBack.IsCancellationRequested)
        {
            context.Abort();
            return null;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<int?> SufferAsync(HttpContext context, Fault fault, Func<SimulatedAnswer> carryOut)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, fault.TakenBack);
        var right = fault.Moment is FaultMoment.After ? carryOut() : null;
        if (fault.DelayMs is not 0)
        {
            await Task.Delay(fault.DelayMs, end.Token);
        }

        if (!fault.ReplacesAnswer)
        {
            right ??= carryOut();
        }

        if (fault.Reset)
        {
            context.Abort();
            return null;
        }

        var body = Body(fault, right);
        var response = context.Response;
        response.StatusCode = fault.Status ?? right?.Status ?? StatusCodes.Status200OK;
        response.ContentType = "application/json;charset=UTF-8";
        // An answer that breaks off announces at least one byte, which never comes.
        response.ContentLength = fault.ResetAfterBytes is null ? body.Length : Math.Max(body.Length, 1);
        if (fault.Gzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        foreach (var (name, value) in (right?.Headers ?? fault.Headers).Concat(fault.Headers))
        {
            response.Headers[name] = value;
        }

        if (fault.ResetAfterBytes is { } kept)
        {
            await SendAsync(response, body.AsMemory(0, Math.Min(kept, Math.Max(body.Length - 1, 0))), context.RequestAborted);
            context.Abort();
            return null;
        }

        if (fault.DripMs is { } pause)
        {
            for (var i = 0; i < body.Length; i++)
            {
                await SendAsync(response, body.AsMemory(i, 1), context.RequestAborted);
                await Task.Delay(pause, end.Token);
            }
        }
        else
        {
            await SendAsync(response, body, context.RequestAborted);
        }

        return response.StatusCode;
    }

    private static async Task SendAsync(HttpResponse response, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(bytes, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static byte[] Body(Fault fault, SimulatedAnswer? right)
    {
        byte[] body = fault switch
        {
            { GarbageBytes: { } garbage } => Garbage(garbage),
            { Body: { } text } => Encoding.UTF8.GetBytes(text),
            { Status: not null } => [],
            _ => Encoding.UTF8.GetBytes(right!.Body),
        };
        var length = body.Length;
        Array.Resize(ref body, Math.Max(length, fault.PadToBytes ?? 0));
        body.AsSpan(length).Fill((byte)' ');
        return fault.Gzip ? Gzip(body) : body;
    }

    private static byte[] Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }

    // Invalid UTF-8, the same each time.
    private static byte[] Garbage(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(0xFF - (i % 7)))];
}

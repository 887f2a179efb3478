using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Juspay;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>What many concurrent calls cause at Key Vault and Juspay.</summary>
public sealed class LoadTests
{
    private const int Callers = 16;
    private const int CallsEach = 10;

    [SimulatorFact]
    public async Task Delink_ByManyCallers_ReadsTheVaultOnceAndOpensNoMoreConnectionsThanCallers()
    {
        var connections = 0;
        await using var host = await TestHost.StartAsync(configure: (builder, _, _) => builder.Services.AddSingleton(CountConnections(() => Interlocked.Increment(ref connections))));

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (var call = 0; call < CallsEach; call++)
            {
                Assert.Equal(200, (await host.DelinkAsync()).Status);
            }
        }));

        Assert.Equal(Callers * CallsEach, host.Delinks);
        Assert.Equal(1, host.KeyVault.Reads);
        Assert.InRange(connections, 1, Callers);
    }

    [SimulatorFact]
    public async Task Start_OpensAConnectionToJuspayAndSendsNothingOverIt()
    {
        var connections = 0;
        await using var host = await TestHost.StartAsync(configure: (builder, _, _) => builder.Services.AddSingleton(CountConnections(() => Interlocked.Increment(ref connections))));

        await TestHost.WaitUntilAsync(() => Volatile.Read(ref connections) is 1);
        Assert.Empty(host.Juspay.Requests);
        await host.DelinkAsync();

        Assert.Equal(1, connections);
        Assert.Single(host.Juspay.Requests);
    }

    [Fact]
    public async Task Connect_IfTheConnectionIsThereAtOnce_StillSendsNothing()
    {
        for (var start = 0; start < 200; start++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port: 0);
            listener.Start();
            using var far = new TcpClient();
            await far.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            using var near = await listener.AcceptTcpClientAsync();
            var handler = JuspayClient.CreateHandler();
            handler.ConnectCallback = (_, _) => new ValueTask<Stream>(far.GetStream());
            using (var http = new HttpClient(handler))
            {
                await JuspayClient.ConnectAsync(http, "http://juspay.test");
            }

            far.Close();
            Assert.Equal(0, await near.GetStream().ReadAsync(new byte[1]));
        }
    }

    private static SocketsHttpHandler CountConnections(Action count)
    {
        var handler = JuspayClient.CreateHandler();
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            count();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return handler;
    }
}

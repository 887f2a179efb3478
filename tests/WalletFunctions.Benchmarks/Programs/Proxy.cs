using System.Text;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>A reverse proxy that adds the Authorization header, so callers can do everything that the key permits.</summary>
internal static class Proxy
{
    public static Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateBuilder(args);
        var authorization = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(Elsewhere.Variable("BENCHMARK_KEY") + ":"));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, Redirecting>();
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                [new RouteConfig { RouteId = "wallets", ClusterId = "juspay", Match = new RouteMatch { Path = "/wallets/{walletId}" } }],
                [
                    new ClusterConfig
                    {
                        ClusterId = "juspay",
                        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["juspay"] = new() { Address = Elsewhere.JuspayBaseUrl } },
                    },
                ])
            .AddTransforms(context => context.AddRequestHeader("Authorization", authorization, append: false));
        var app = builder.Build();
        app.MapReverseProxy();
        return Host.RunAsync(app);
    }

    private sealed class Redirecting : ForwarderHttpClientFactory
    {
        protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
        {
            base.ConfigureHandler(context, handler);
            Elsewhere.Redirect(handler);
        }
    }
}

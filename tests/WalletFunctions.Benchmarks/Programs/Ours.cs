using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.LocalHost;
using WalletFunctions.Secrets;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>Serves Core on Kestrel like the local host, including the key check, but without simulators and pages.</summary>
internal static class Ours
{
    public static Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateBuilder(args);
        builder.Services.AddSingleton(new KeyVaultTransport(Elsewhere.Redirect(new SocketsHttpHandler())));
        builder.Services.AddSingleton(Elsewhere.Redirect(JuspayClient.CreateHandler()));
        builder.Services.AddWalletFunctions(builder.Configuration);
        var app = builder.Build();
        var keys = new FunctionKeys(app.Configuration);
        app.MapFunction("POST", "/wallets/{walletId}", keys, (context, request) => context.RequestServices.GetRequiredService<WalletEndpoint>()
            .HandleAsync((string?)context.Request.RouteValues["walletId"], request, context.RequestAborted));
        return Host.RunAsync(app);
    }
}

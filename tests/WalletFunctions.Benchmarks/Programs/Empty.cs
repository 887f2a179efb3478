namespace WalletFunctions.Benchmarks.Programs;

/// <summary>Answers ping: what the platform itself costs.</summary>
internal static class Empty
{
    public static Task<int> RunAsync(string[] args)
    {
        var app = Host.CreateBuilder(args).Build();
        app.MapGet("/ping", context => context.Response.WriteAsync("pong"));
        return Host.RunAsync(app);
    }
}

using System.Globalization;
using System.Runtime;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>Sets up what all programs share: Kestrel and the console log as in the local host, and a route with the allocated bytes and compiled methods.</summary>
internal static class Host
{
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        return builder;
    }

    public static async Task<int> RunAsync(WebApplication app)
    {
        var methods = 0L;
        app.MapGet("/runtime", context =>
        {
            // Counts the methods compiled for the first call, without those that the runtime recompiles later.
            methods = methods is 0 ? JitInfo.GetCompiledMethodCount() : methods;
            return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes(precise: true)} {methods}"));
        });
        await app.RunAsync();
        return 0;
    }
}

using System.Globalization;
using System.Runtime;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>The common part of all programs: Kestrel and the console log as in the local host, and the figures of allocation and compilation.</summary>
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
            // The methods that were compiled for the first call, without later recompilations.
            methods = methods is 0 ? JitInfo.GetCompiledMethodCount() : methods;
            return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes(precise: true)} {methods}"));
        });
        await app.RunAsync();
        return 0;
    }
}

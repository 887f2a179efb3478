using System.Globalization;

namespace WalletFunctions.Benchmarks.Programs;

/// <summary>What all programs share: Kestrel and the console log as the local host sets them up, and a look at what was allocated.</summary>
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
        app.MapGet("/allocated", context =>
            context.Response.WriteAsync(GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture)));
        await app.RunAsync();
        return 0;
    }
}

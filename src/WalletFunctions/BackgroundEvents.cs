using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace WalletFunctions;

/// <summary>
/// The log of what happens outside of any invocation: reads of secrets, and the export of telemetry. The worker passes every line of the log on to the
/// Functions host, but the host drops those that belong to no running invocation. What the worker prints it keeps, line by line, under the
/// category <c>Host.Function.Console</c>; so these events are printed, and only these, since all others would arrive twice.
/// </summary>
internal static class BackgroundEvents
{
    private static readonly string[] Categories = ["WalletFunctions.Secrets.CachedSecret", "WalletFunctions.TelemetryExporter"];

    public static void AddBackgroundEvents(this ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.AddFilter<ConsoleLoggerProvider>(category: null, LogLevel.None);
        foreach (var category in Categories)
        {
            logging.AddFilter<ConsoleLoggerProvider>(category, LogLevel.Information);
        }
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WalletFunctions;

/// <summary>
/// Prints what is logged outside of any invocation: reads of secrets, and the export of telemetry. The worker passes every line of the log on to the
/// Functions host, but the host drops those that belong to no running invocation. A printed line it keeps, as it stands, under the category
/// <c>Host.Function.Console</c> at Information; so an event is found by the word that its message begins with. Nothing else is printed,
/// since it would arrive twice.
/// </summary>
internal sealed class BackgroundEvents : ILoggerProvider
{
    private static readonly HashSet<string> Categories = ["WalletFunctions.Secrets.CachedSecret", "WalletFunctions.TelemetryExporter"];

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => Categories.Contains(categoryName) ? new Printer() : NullLogger.Instance;

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private sealed class Printer : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Console.WriteLine(formatter(state, exception).ReplaceLineEndings(" "));
    }
}

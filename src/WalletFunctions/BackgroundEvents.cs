using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WalletFunctions;

/// <summary>
/// Prints the log events of reading secrets and of exporting telemetry to standard output. The worker sends every log line to the Functions host, but the host
/// drops lines that belong to no running invocation, as these do. The host logs each line of standard output under the category <c>Host.Function.Console</c>
/// at level Information. A printed line is the message alone, because queries look for the event's name at the start of the line. Other events are not printed,
/// because they would be logged twice.
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

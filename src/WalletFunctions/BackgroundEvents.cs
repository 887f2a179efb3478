using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WalletFunctions;

/// <summary>
/// Prints the log events that belong to no invocation, which are those about reading secrets and exporting telemetry. The worker sends every log line to the
/// Functions host, but the host drops lines that belong to no running invocation. It logs the lines that the worker prints under the category
/// <c>Host.Function.Console</c> at Information. The line is the message alone, because queries look for the event's name at its beginning. Other events are not
/// printed, because they would arrive twice.
/// </summary>
internal sealed class BackgroundEvents : ILoggerProvider
{
    private static readonly HashSet<string> Categories = ["WalletFunctions.KeyVault.CachedSecret", "WalletFunctions.TelemetryExporter"];

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

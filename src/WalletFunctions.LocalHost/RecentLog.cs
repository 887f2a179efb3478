namespace WalletFunctions.LocalHost;

/// <summary>One line of the log.</summary>
/// <param name="Number">The position since the start, from 1.</param>
/// <param name="At">When it was written, UTC.</param>
/// <param name="Level">The log level.</param>
/// <param name="Message">The text, as on the console.</param>
internal sealed record LogLine(long Number, DateTimeOffset At, string Level, string Message);

/// <summary>Keeps the last <see cref="Capacity"/> lines of the log for the page.</summary>
internal sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    private const int Capacity = 100;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new(Capacity);
    private long _count;

    /// <summary>The kept lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _lines.Clear();
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string message)
    {
        lock (_gate)
        {
            if (_lines.Count == Capacity)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(new LogLine(++_count, time.GetUtcNow(), level.ToString(), message));
        }
    }

    private sealed class Logger(RecentLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception.GetType().Name}");
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Tests.Support;

/// <summary>All output of one host, to be searched for secrets and ids.</summary>
internal sealed class Transcript : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _logs = new();
    private readonly ConcurrentQueue<string> _answers = new();

    public IReadOnlyCollection<string> Logs => _logs;

    /// <summary>Adds a line of the log, in the form that <see cref="CreateLogger"/> gives it.</summary>
    public void AddLog(LogLevel level, string category, string message) => _logs.Enqueue($"{level} {category} {message} ");

    /// <summary>Drops the output so far.</summary>
    public void Clear()
    {
        _logs.Clear();
        _answers.Clear();
    }

    public void AddAnswer(string answer) => _answers.Enqueue(answer);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _logs);

    /// <param name="secrets">Texts that may not occur anywhere.</param>
    /// <param name="ids">Texts that may not occur in a log line, a span or a metric.</param>
    public void AssertHoldsNone(IEnumerable<string> secrets, IEnumerable<string> ids)
    {
        var logs = string.Join('\n', _logs);
        var telemetry = string.Join('\n', Emitted.Texts);
        var everything = string.Join('\n', [logs, telemetry, .. _answers, .. Exceptions.Texts]);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret + ":")), everything, StringComparison.Ordinal);
        }

        foreach (var id in ids)
        {
            Assert.DoesNotContain(id, logs, StringComparison.Ordinal);
            Assert.DoesNotContain(id, telemetry, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
    }
}

/// <summary>The messages of all exceptions of this process, caught or not.</summary>
internal static class Exceptions
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    public static IEnumerable<string> Texts => Seen.Keys;

    [ModuleInitializer]
    internal static void Listen() => AppDomain.CurrentDomain.FirstChanceException += (_, args) =>
    {
        // Exceptions of the test framework quote the values that a failed test compared.
        if (args.Exception.GetType().Namespace?.StartsWith("Xunit", StringComparison.Ordinal) is not true)
        {
            Seen.TryAdd(args.Exception.Message, true);
        }
    };
}

/// <summary>The product's spans and metrics in this process, of all hosts.</summary>
internal static class Emitted
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);
    private static readonly MeterListener Metrics = new();

    public static IEnumerable<string> Texts => Seen.Keys;

    [ModuleInitializer]
    internal static void Listen()
    {
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                Seen.TryAdd($"{span.OperationName} {span.DisplayName} {span.StatusDescription} {span.TraceStateString}", true);
                Note(span.TagObjects.Concat(span.Baggage.Select(item => KeyValuePair.Create(item.Key, (object?)item.Value)))
                    .Concat(span.Events.SelectMany(happening => happening.Tags.Append(new("event", happening.Name)))));
            },
        });
        Metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        Metrics.SetMeasurementEventCallback<long>((_, _, tags, _) => Note(tags.ToArray()));
        Metrics.SetMeasurementEventCallback<double>((_, _, tags, _) => Note(tags.ToArray()));
        Metrics.Start();
    }

    private static void Note(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            Seen.TryAdd($"{name}={value}", true);
        }
    }
}

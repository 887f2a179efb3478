using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Tests.Support;

/// <summary>Everything that one host said to anybody, to be searched for what must not be in it.</summary>
internal sealed class Transcript : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _logs = new();
    private readonly ConcurrentQueue<string> _answers = new();

    public IReadOnlyCollection<string> Logs => _logs;

    public void AddAnswer(string answer) => _answers.Enqueue(answer);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _logs);

    /// <param name="secrets">May stand nowhere.</param>
    /// <param name="ids">May not stand in a log in full.</param>
    public void AssertHoldsNone(IEnumerable<string> secrets, IEnumerable<string> ids)
    {
        var logs = string.Join('\n', _logs);
        var everything = string.Join('\n', [logs, .. _answers, .. Exceptions.Texts]);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret + ":")), everything, StringComparison.Ordinal);
        }

        foreach (var id in ids)
        {
            Assert.DoesNotContain(id, logs, StringComparison.Ordinal);
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

/// <summary>What every exception thrown in this process says, caught or not.</summary>
internal static class Exceptions
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    public static IEnumerable<string> Texts => Seen.Keys;

    [ModuleInitializer]
    internal static void Listen() => AppDomain.CurrentDomain.FirstChanceException += (_, args) =>
    {
        // The test framework's own exceptions quote what a failed test compared.
        if (args.Exception.GetType().Namespace?.StartsWith("Xunit", StringComparison.Ordinal) is not true)
        {
            Seen.TryAdd(args.Exception.Message, true);
        }
    };
}

using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;
using WalletFunctions.Tools;

namespace WalletFunctions.Intake;

/// <summary>The queue of accepted delinks, and the queue of those that were given up. Messages never expire in either.</summary>
internal sealed class IntakeQueue
{
    public const string Name = "delink-events";
    public const string FailedName = "delink-events-failed";

    /// <summary>The limit of one request to the queue. A sender waits for it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);

    private readonly Lazy<QueueClient> _events;
    private readonly Lazy<QueueClient> _failed;
    private readonly TimeProvider _time;

    /// <param name="settings">Where the queues are.</param>
    /// <param name="configuration">The platform's announcement of the managed identity.</param>
    /// <param name="time">The clock.</param>
    public IntakeQueue(IntakeSettings settings, IConfiguration configuration, TimeProvider time)
    {
        _time = time;
        _events = new(() => CreateClient(Name, settings, configuration));
        _failed = new(() => CreateClient(FailedName, settings, configuration));
    }

    /// <summary>Puts all messages into the queue. Returns null, or the problem if the queue did not take all of them within the limit.</summary>
    public Task<Problem?> TryPutAsync(IEnumerable<IntakeMessage> messages, TimeSpan limit, CancellationToken cancellationToken) => TryAsync(
        async within =>
        {
            foreach (var message in messages)
            {
                await PutAsync(message, TimeSpan.Zero, within);
            }
        },
        limit,
        cancellationToken);

    /// <summary>Keeps the body of a webhook that cannot be read. Returns null, or the problem if the queue did not take all of it within the limit.</summary>
    public Task<Problem?> TryKeepAsync(Problem problem, string body, string? sender, string? eventId, TimeSpan limit, CancellationToken cancellationToken) =>
        TryAsync(within => PutFailedAsync(problem, body, sender, eventId, within), limit, cancellationToken);

    /// <summary>Puts a message into the queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">How long it stays invisible.</param>
    /// <param name="cancellationToken">Cancels the request; the message may be in the queue nevertheless.</param>
    public Task PutAsync(IntakeMessage message, TimeSpan delay, CancellationToken cancellationToken) =>
        _events.Value.SendMessageAsync(message.ToJson(), delay, Never, cancellationToken);

    /// <summary>Keeps what is not tried again for the operator, in several messages if it is too long for one. After an exception, some of them may be missing.</summary>
    public async Task PutFailedAsync(Problem problem, string message, string? sender, string? eventId, CancellationToken cancellationToken)
    {
        var failed = new FailedMessage(problem.Type.Code, problem.Detail, _time.GetUtcNow(), sender, eventId, message);
        foreach (var part in failed.InParts())
        {
            await _failed.Value.SendMessageAsync(part.ToJson(), TimeSpan.Zero, Never, cancellationToken);
        }
    }

    private async Task<Problem?> TryAsync(Func<CancellationToken, Task> put, TimeSpan limit, CancellationToken cancellationToken)
    {
        // A body can need thousands of requests. The Functions host ends the process, and with it every other request, if a function takes longer than
        // functionTimeout in host.json.
        using var within = new TimeLimit(limit, _time, cancellationToken);
        try
        {
            await put(within.Token);
            return null;
        }
        // Azure.Core throws AggregateException after several attempts, and RequestFailedException or AuthenticationFailedException otherwise.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Problem(ProblemType.IntakeUnavailable, "The queue does not take the event for now. Send the same event again.");
        }
    }

    /// <summary>Creates a client of one queue of the account in the settings.</summary>
    public static QueueClient CreateClient(string name, IntakeSettings settings, IConfiguration configuration)
    {
        // The trigger expects the text itself, see host.json.
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None };
        options.Retry.MaxRetries = 1;
        options.Retry.Mode = RetryMode.Fixed;
        options.Retry.Delay = TimeSpan.FromMilliseconds(100);
        options.Retry.NetworkTimeout = Timeout;
        options.Diagnostics.IsTelemetryEnabled = false;
        // The default transport is one of the process. A client could then get a connection to an earlier emulator at the same port.
        options.Transport = new HttpClientTransport();
        if (settings.ConnectionString is { } connectionString)
        {
            return new QueueClient(connectionString, name, options);
        }

        var credential = KeyVaultReader.CreateCredential(configuration, options.Transport, settings.ClientId);
        return new QueueClient(new Uri(settings.QueueServiceUri!, name), credential, options);
    }
}

using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using WalletFunctions.Intake;

namespace WalletFunctions.LocalHost;

/// <summary>
/// Passes messages of the queue on as the Functions host's trigger does: up to 16 at a time; after a failure the message comes again after half a minute,
/// and after five failures, or five deliveries during which the process ended, it goes to the queue <c>delink-events-poison</c>.
/// </summary>
/// <param name="settings">Where the queue is.</param>
/// <param name="configuration">The sign-in to it.</param>
/// <param name="handle">Handles the text of one message. An exception is a failure.</param>
internal sealed class QueueListener(IntakeSettings settings, IConfiguration configuration, Func<string, CancellationToken, Task> handle) : BackgroundService
{
    public const string PoisonName = IntakeQueue.Name + "-poison";

    private const int MaxDeliveries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);

    private readonly QueueClient _queue = IntakeQueue.CreateClient(IntakeQueue.Name, settings, configuration);
    private readonly QueueClient _failed = IntakeQueue.CreateClient(IntakeQueue.FailedName, settings, configuration);
    private readonly QueueClient _poison = IntakeQueue.CreateClient(PoisonName, settings, configuration);

    /// <summary>Creates the queues, as a deployment does, before the host accepts requests.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in new[] { _queue, _failed, _poison })
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The queue is not available, and is asked again.
                await Task.Delay(Pause, TimeProvider.System, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                // The host stops.
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // A cancelled request may still lease messages, and they would come again only when the lease ends.
            var messages = (await _queue.ReceiveMessagesAsync(16, Lease, CancellationToken.None)).Value;
            if (messages is [])
            {
                await Task.Delay(Pause, TimeProvider.System, stoppingToken);
            }

            await Task.WhenAll(messages.Select(message => HandleAsync(message, stoppingToken)));
        }
    }

    private async Task HandleAsync(QueueMessage message, CancellationToken stoppingToken)
    {
        // The process ended during each delivery.
        if (message.DequeueCount > MaxDeliveries)
        {
            await MoveToPoisonAsync(message);
            return;
        }

        try
        {
            stoppingToken.ThrowIfCancellationRequested();
            await handle(message.Body.ToString(), stoppingToken);
        }
        catch (Exception) when (message.DequeueCount < MaxDeliveries)
        {
            await _queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: AfterFailure, cancellationToken: CancellationToken.None);
            return;
        }
        catch (Exception)
        {
            await MoveToPoisonAsync(message);
            return;
        }

        await DeleteAsync(message);
    }

    private async Task MoveToPoisonAsync(QueueMessage message)
    {
        await _poison.SendMessageAsync(message.Body.ToString(), CancellationToken.None);
        await DeleteAsync(message);
    }

    private async Task DeleteAsync(QueueMessage message) => await _queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
}

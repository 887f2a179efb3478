namespace WalletFunctions.Queue;

/// <summary>The queue <c>delink-events</c>, whose messages a host passes on one by one.</summary>
public sealed class QueueEndpoint
{
    private readonly IntakeProcessor _processor;

    internal QueueEndpoint(IntakeProcessor processor) => _processor = processor;

    /// <summary>Handles the text of one message. After an exception, the host has to deliver it again.</summary>
    internal Task HandleAsync(string message, CancellationToken cancellationToken) => _processor.HandleAsync(message, cancellationToken);
}

using Microsoft.Azure.Functions.Worker;
using WalletFunctions.Queue;

namespace WalletFunctions;

/// <summary>The queue <c>delink-events</c>. The function exists only if <c>Webhooks:Intake</c> is <c>queue</c>, see <see cref="FunctionsInUse"/>.</summary>
public sealed class DelinkAccepted(QueueEndpoint endpoint)
{
    /// <summary>Does one accepted delink, or puts it back. The worker would take a cancellation token as a parameter from a member of the message with its name.</summary>
    [Function(nameof(DelinkAccepted))]
    public Task RunAsync([QueueTrigger("delink-events", Connection = "Intake")] string message, FunctionContext context) =>
        endpoint.HandleAsync(message, context.CancellationToken);
}

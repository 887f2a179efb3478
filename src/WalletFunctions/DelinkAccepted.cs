using Microsoft.Azure.Functions.Worker;
using WalletFunctions.Queue;

namespace WalletFunctions;

/// <summary>The queue <c>delink-events</c>. The function exists only if <c>Webhooks:Intake</c> is <c>queue</c>, see <see cref="FunctionsInUse"/>.</summary>
public sealed class DelinkAccepted(QueueEndpoint endpoint)
{
    /// <summary>Does one accepted delink, or puts it back. It has no parameter for the cancellation, see <see cref="FunctionsHttp.Cancelled"/>.</summary>
    [Function(nameof(DelinkAccepted))]
    public Task RunAsync([QueueTrigger("delink-events", Connection = "Intake")] string message, FunctionContext context) =>
        endpoint.HandleAsync(message, context.CancellationToken);
}

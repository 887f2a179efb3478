using System.Collections.Immutable;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using WalletFunctions.Intake;

namespace WalletFunctions;

/// <summary>
/// Tells the Functions host which functions exist: all, but that of the queue only if a queue is configured. The host could not start its listener
/// without the connection.
/// </summary>
internal sealed class FunctionsInUse(IFunctionMetadataProvider all, IntakeQueue? queue) : IFunctionMetadataProvider
{
    /// <inheritdoc />
    public async Task<ImmutableArray<IFunctionMetadata>> GetFunctionMetadataAsync(string directory)
    {
        var functions = await all.GetFunctionMetadataAsync(directory);
        return queue is not null ? functions : functions.RemoveAll(function => function.Name is nameof(DelinkAccepted));
    }
}

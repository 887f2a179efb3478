using System.ComponentModel;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Merchants;

/// <summary>What is logged about the delink of an event, whether a webhook or a message of the queue asks for it.</summary>
internal static partial class EventLog
{
    [Description("a signed event, or a message of the queue, named a wallet or customer that Juspay does not know; it counts as done")]
    [LoggerMessage(EventId = 302, EventName = "NothingToDelink", Level = LogLevel.Warning,
        Message = "nothing_to_delink trace_id={TraceId}: Juspay does not know what an event names; it counts as done, since repeating cannot help")]
    public static partial void LogNothingToDelink(this ILogger logger, string traceId);
}

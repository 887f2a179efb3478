using System.ComponentModel;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;

namespace WalletFunctions.Http;

/// <summary>What a request comes to: an answer, and the word for it in the audit record.</summary>
internal sealed record Reply(HttpAnswer Answer, string Outcome);

/// <summary>Sees every request to its end: one answer, whatever is thrown, and one audit record.</summary>
public sealed partial class RequestRunner(DelinkAudit audit, TimeProvider time, ILogger<RequestRunner> logger)
{
    /// <param name="entry">What the audit record will say; the handler fills it.</param>
    /// <param name="handle">Answers, or gives a problem.</param>
    /// <param name="refuse">Makes the answer of a problem.</param>
    /// <param name="cancellationToken">The caller's, to tell its hanging up from a bug.</param>
    internal async Task<HttpAnswer> RunAsync(
        DelinkAuditEntry entry, Func<Task<Reply>> handle, Func<Problem, Reply> refuse, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        using var span = Telemetry.Delink.Start(entry.Trace);
        Reply reply;
        try
        {
            reply = await handle();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            reply = refuse(new Problem(ProblemType.CallerCancelled, "The call was cancelled before anything was sent to Juspay. Repeat it."));
        }
        // Both hosts would make an empty 500 of an exception, so this is the last place where the caller can be told anything.
        catch (Exception exception)
        {
            // Without the exception's message, which may repeat what the caller or Juspay sent.
            LogBug(exception.GetType().FullName!, exception.StackTrace, entry.TraceId);
            reply = refuse(new Problem(ProblemType.InternalError,
                "The service has a bug; its log tells more under this trace id. Repeating the call is harmless."));
        }

        if (span is not null)
        {
            span.SetTag(Telemetry.Outcome, reply.Outcome);
            span.SetTag(Telemetry.Merchant, entry.Merchant ?? "-");
            span.SetTag(Telemetry.StatusCode, reply.Answer.Status);
            if (reply.Answer.Status >= 500)
            {
                span.Fail(reply.Outcome);
            }
        }

        audit.Record(entry, reply.Outcome, reply.Answer.Status, time.GetElapsedTime(startedAt));
        return reply.Answer;
    }

    [Description("a bug, with where it was thrown")]
    [LoggerMessage(EventId = 301, EventName = "InternalError", Level = LogLevel.Error, Message = "internal_error trace_id={TraceId} {Exception} {StackTrace}")]
    private partial void LogBug(string exception, string? stackTrace, string traceId);
}

using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>The answer to a request, and the outcome for its audit record.</summary>
internal sealed record Reply(HttpAnswer Answer, string Outcome)
{
    /// <inheritdoc cref="HttpAnswer.Of(Problem, string, CustomerDocument)" />
    public static Reply Refuse(Problem problem, string traceId, CustomerDocument? customer = null) =>
        new(HttpAnswer.Of(problem, traceId, customer), problem.Type.Code);

    /// <inheritdoc cref="HttpAnswer.Postpone" />
    public static Reply Postpone(Problem problem, string traceId, CustomerDocument? customer = null) =>
        new(HttpAnswer.Postpone(problem, traceId, customer), problem.Type.Code);
}

/// <summary>Handles a request so that it always ends with one answer and one audit record, also after an exception.</summary>
internal sealed class RequestRunner(DelinkAudit audit, TimeProvider time, ILogger<RequestRunner> logger)
{
    /// <param name="entry">The audit entry, which <paramref name="handle"/> fills.</param>
    /// <param name="handle">Handles the request.</param>
    /// <param name="refuse">Converts a problem into a reply.</param>
    /// <param name="cancellationToken">Cancelled when the caller disconnects. It distinguishes that from a bug.</param>
    public async Task<HttpAnswer> RunAsync(AuditEntry entry, Func<Task<Reply>> handle, Func<Problem, Reply> refuse, CancellationToken cancellationToken)
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
        // Both hosts would answer an exception with an empty 500.
        catch (Exception exception)
        {
            // The exception's message is not logged, because it may repeat what the caller or Juspay sent.
            logger.LogInternalError(exception.GetType().FullName!, exception.StackTrace, entry.TraceId);
            reply = refuse(new Problem(ProblemType.InternalError,
                "This service has a bug. Its log has the details under this trace id. Repeating the call is harmless."));
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

        audit.RecordRequest(entry, reply.Outcome, reply.Answer.Status, time.GetElapsedTime(startedAt));
        return reply.Answer;
    }
}

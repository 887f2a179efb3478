using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Http;
using WalletFunctions.Intake;
using WalletFunctions.Merchants;
using WalletFunctions.Problems;
using WalletFunctions.Tools;

namespace WalletFunctions.Queue;

/// <summary>
/// Does the delinks of the queue. A message that cannot be done now goes back into the queue as a copy with a delay, and only then is the original
/// finished. So the trigger's invocation fails only if the process ends or the queue refuses the copy, and then the original comes again.
/// </summary>
internal sealed class IntakeProcessor(
    MerchantDirectory merchants, IntakeQueue queue, IntakeSettings settings, RequestRunner runner, TimeProvider time, Random random, ILogger<IntakeProcessor> logger)
{
    /// <summary>The delay of the second attempt, which is doubled for each further one.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>How far the time of a message may be ahead of this clock. With a later time, the message would never be too old.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromHours(1);

    /// <summary>Handles the text of one message. It throws only if the queue cannot keep a message that is not done.</summary>
    public async Task HandleAsync(string text, CancellationToken cancellationToken)
    {
        if (!IntakeMessage.TryRead(text, out var message, out var why))
        {
            await AbandonAsync(new Problem(ProblemType.MalformedBody, $"The message cannot be used: {why}."), text, message: null);
            return;
        }

        if (message.ReceivedAt - time.GetUtcNow() > MaxAhead)
        {
            await AbandonAsync(new Problem(ProblemType.MalformedBody, "The message cannot be used: received_at is more than an hour ahead."), text, message);
            return;
        }

        var merchant = merchants.Find(message.Merchant);
        if (merchant is null)
        {
            await AbandonAsync(new Problem(ProblemType.UnknownMerchant, "No merchant of the message's name is configured."), text, message);
            return;
        }

        if (await DelinkAsync(message, merchant, cancellationToken) is { } problem)
        {
            var next = message with { Attempt = message.Attempt + 1, Problem = problem.Type.Code };
            if (time.GetUtcNow() - message.ReceivedAt >= settings.MaxAge)
            {
                await AbandonAsync(problem, next.ToJson(), next);
            }
            else
            {
                // A shutdown does not cancel this, because the original would come again only when its lease ends.
                await queue.PutAsync(next, DelayOf(next.Attempt, problem.RetryAfter), CancellationToken.None);
            }
        }
    }

    /// <summary>Returns null if nothing is left to do, else the problem.</summary>
    private async Task<Problem?> DelinkAsync(IntakeMessage message, Merchant merchant, CancellationToken cancellationToken)
    {
        var trace = Telemetry.ParseTrace(message.Traceparent) ?? Telemetry.NewTrace();
        var entry = new AuditEntry
        {
            TraceId = trace.TraceId.ToHexString(),
            Trace = trace,
            Caller = $"queue:{message.Sender}:{message.EventId}",
            Merchant = merchant.Name,
        };
        Problem? problem = null;
        await runner.RunAsync(entry, DelinkAsync, Postpone, cancellationToken);
        return problem;

        async Task<Reply> DelinkAsync()
        {
            var result = await merchant.DelinkAsync(message.Event, entry, cancellationToken);
            if (result.IsNothingToDelink)
            {
                logger.LogNothingToDelink(entry.TraceId);
            }

            return result.Problem is null || result.IsNothingToDelink ? new Reply(new HttpAnswer(200, HttpAnswer.Json, default), result.Outcome) : Postpone(result.Problem);
        }

        Reply Postpone(Problem why)
        {
            problem = why;
            return Reply.Postpone(why, entry.TraceId);
        }
    }

    /// <summary>The delay of an attempt: 10 seconds, doubled up to an hour, of which up to a half is random; longer if Juspay asks for it.</summary>
    private TimeSpan DelayOf(int attempt, TimeSpan? retryAfter)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 20));
        var jittered = (delay < MaxDelay ? delay : MaxDelay) * (1 - (random.NextDouble() / 2));
        return retryAfter > jittered ? (retryAfter.Value < MaxDelay ? retryAfter.Value : MaxDelay) : jittered;
    }

    private async Task AbandonAsync(Problem problem, string text, IntakeMessage? message)
    {
        await queue.PutFailedAsync(problem, text, message?.Sender, message?.EventId, CancellationToken.None);
        logger.LogEventAbandoned(problem.Type.Code, message?.Attempt ?? 0, message?.Merchant is { } merchant ? LogText.Word(merchant, 64) : "-");
    }
}

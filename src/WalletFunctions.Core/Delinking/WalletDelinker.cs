using WalletFunctions.Juspay;
using WalletFunctions.Secrets;
using ApiKeyReading = WalletFunctions.Secrets.SecretReading<WalletFunctions.Juspay.JuspayApiKey>;

namespace WalletFunctions.Delinking;

/// <summary>
/// Delinks one wallet, and answers only when it knows what became of it or that it cannot know. Delinking twice is harmless, so whatever may pass is tried
/// again inside one deadline. A refusal is believed only if no earlier attempt can have delinked the wallet already; otherwise the wallet is looked at.
/// </summary>
public sealed class WalletDelinker(
    JuspayClient juspay, CachedSecret<JuspayApiKey> apiKey, JuspayOptions options, TimeProvider time, Random random)
{
    /// <summary>The longest wait before the second attempt, doubled for each further one. A wait is drawn evenly from zero to that.</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(400);

    /// <summary>Delinks the wallet. Every end is an outcome, cancellation too.</summary>
    /// <param name="request">The wallet.</param>
    /// <param name="trail">Filled as the delink goes on, so that it is right however it ends.</param>
    /// <param name="cancellationToken">The caller's; it ends the waiting wherever the delink stands.</param>
    public async Task<DelinkOutcome> DelinkAsync(WalletRequest request, DelinkTrail trail, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.TotalTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var startedAt = time.GetTimestamp();
        try
        {
            var reading = await apiKey.GetAsync(either.Token);
            return await reading.Match(
                held: key => DelinkAsync(request, new Progress { Trail = trail, StartedAt = startedAt, Deadline = either.Token, Key = key }),
                unavailable: why => Task.FromResult<DelinkOutcome>(WithoutKey(why)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new DelinkOutcome.Failed(DelinkFailure.Cancelled,
                "The call was cancelled before Juspay's answer was certain. Repeat it: delinking twice is harmless.");
        }
        catch (OperationCanceledException)
        {
            return trail.KeyVersion is null
                ? new DelinkOutcome.Failed(DelinkFailure.KeyUnavailable, "Key Vault has not given the API key in time.")
                : Explain(new JuspayAnswer(JuspayVerdict.TimedOut));
        }
    }

    private async Task<DelinkOutcome> DelinkAsync(WalletRequest request, Progress progress)
    {
        for (var attempt = 1; ; attempt++)
        {
            progress.Trail.Attempts++;
            var answer = await SendAsync(juspay.DelinkAsync, request, progress);
            if (answer.MayHaveBeenCarriedOut)
            {
                progress.Ambiguous = answer;
            }

            var wait = answer.RetryAfter ?? FirstBackoff * (1 << (attempt - 1)) * random.NextDouble();
            if (!answer.IsTransient || attempt == options.MaxAttempts || wait >= options.TotalTimeout - time.GetElapsedTime(progress.StartedAt))
            {
                return await DecideAsync(answer, request, progress);
            }

            await Task.Delay(wait, time, progress.Deadline);
        }
    }

    /// <summary>Sends with the key at hand and, where Juspay refuses that key and Key Vault has another by now, once more with the other.</summary>
    private async Task<JuspayAnswer> SendAsync(
        Func<WalletRequest, JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send, WalletRequest request, Progress progress)
    {
        var answer = await send(request, progress.Key.Value, progress.Deadline);
        if (answer.Verdict is JuspayVerdict.KeyRefused)
        {
            var refused = progress.Key;
            progress.Key = await apiKey.ReplaceAsync(refused, progress.Deadline);
            if (!progress.Key.Value.Equals(refused.Value))
            {
                answer = await send(request, progress.Key.Value, progress.Deadline);
            }
        }

        progress.Trail.JuspayRequestId = answer.RequestId ?? progress.Trail.JuspayRequestId;
        return answer;
    }

    private async Task<DelinkOutcome> DecideAsync(JuspayAnswer answer, WalletRequest request, Progress progress) => answer.Verdict switch
    {
        JuspayVerdict.Wallet when !answer.Wallet!.Linked => new DelinkOutcome.Delinked(answer.Wallet),
        JuspayVerdict.WrongState => await LookAsync(answer, request, progress),
        JuspayVerdict.NotFound or JuspayVerdict.Rejected when progress.Ambiguous is not null => await LookAsync(answer, request, progress),
        JuspayVerdict.KeyRefused or JuspayVerdict.Forbidden => Explain(progress.Ambiguous ?? answer),
        _ => Explain(answer),
    };

    /// <summary>
    /// Settles a refusal that may mean "already done". Only here is the wallet read, since reading a linked one mints a debit token at Juspay.
    /// </summary>
    private async Task<DelinkOutcome> LookAsync(JuspayAnswer refusal, WalletRequest request, Progress progress)
    {
        progress.Trail.Confirmed = true;
        var look = await SendAsync(juspay.GetAsync, request, progress);
        if (look.Wallet is { Linked: false } wallet)
        {
            return new DelinkOutcome.Delinked(wallet);
        }

        // An attempt of which we do not know the end may still come to pass: say so, rather than repeat a refusal that sounds final.
        return Explain(progress.Ambiguous ?? (look.IsConclusive ? refusal : look));
    }

    private static DelinkOutcome.Failed Explain(JuspayAnswer answer)
    {
        var (reason, detail) = answer.Verdict switch
        {
            JuspayVerdict.Wallet => (DelinkFailure.UnexpectedAnswer,
                "Juspay accepted the delink but says that the wallet is still linked."),
            JuspayVerdict.KeyRefused => (DelinkFailure.KeyRefused,
                "Juspay refuses the API key in Key Vault, which was read again. The operator has to store a valid one."),
            JuspayVerdict.Forbidden => (DelinkFailure.Forbidden,
                "Juspay refuses this service's address or merchant. The operator has to have them allowed at Juspay."),
            JuspayVerdict.NotFound => (DelinkFailure.WalletNotFound,
                "Juspay does not know this wallet. Check the wallet id, and that it belongs to this merchant and environment."),
            JuspayVerdict.Busy => (DelinkFailure.WalletBusy,
                "Juspay is still busy with another request for this wallet. Repeat the call in a moment."),
            JuspayVerdict.WrongState => (DelinkFailure.Rejected,
                "Juspay does not allow the delink in the wallet's present state."),
            JuspayVerdict.Rejected => (DelinkFailure.Rejected,
                "Juspay refuses the request. See the member 'juspay' for what it says."),
            JuspayVerdict.Throttled => (DelinkFailure.Throttled,
                "Juspay takes no more requests for now. Repeat the call after the time in Retry-After."),
            JuspayVerdict.NotTakenUp or JuspayVerdict.NotSent => (DelinkFailure.Unavailable,
                "Juspay could not be reached, or did not take the request up. Repeat the call: delinking twice is harmless."),
            JuspayVerdict.Failed or JuspayVerdict.FailedForGood or JuspayVerdict.Lost => (DelinkFailure.Unavailable,
                "Juspay failed, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
            JuspayVerdict.Unexpected => (DelinkFailure.UnexpectedAnswer,
                $"Juspay's answer cannot be relied on: {answer.Problem}."),
            JuspayVerdict.TimedOut => (DelinkFailure.NoAnswerInTime,
                "Juspay gave no answer in time, so the wallet may or may not be delinked. Repeat the call: delinking twice is harmless."),
        };
        return new DelinkOutcome.Failed(reason, detail) { Juspay = answer.Report, RetryAfter = answer.RetryAfter };
    }

    /// <summary>What a delink ends in while there is no key.</summary>
    internal static DelinkOutcome.Failed WithoutKey(ApiKeyReading.Unavailable why) => new(
        why.Fault switch
        {
            SecretFault.Missing or SecretFault.Disabled or SecretFault.Empty or SecretFault.Unusable => DelinkFailure.KeyNotConfigured,
            SecretFault.Denied or SecretFault.Unreachable => DelinkFailure.KeyUnavailable,
        },
        why.Detail)
    {
        RetryAfter = why.RetryAfter,
    };

    /// <summary>What one delink has to go by.</summary>
    private sealed class Progress
    {
        public required DelinkTrail Trail { get; init; }

        public required long StartedAt { get; init; }

        public required CancellationToken Deadline { get; init; }

        /// <summary>The key last used.</summary>
        public required ApiKeyReading.Held Key
        {
            get;
            set
            {
                field = value;
                Trail.KeyVersion = value.Version;
            }
        }

        /// <summary>The last delink that Juspay may have carried out without our learning of it.</summary>
        public JuspayAnswer? Ambiguous { get; set; }
    }
}

using WalletFunctions.Juspay;
using WalletFunctions.Secrets;
using ApiKeyReading = WalletFunctions.Secrets.SecretReading<WalletFunctions.Juspay.JuspayApiKey>;

namespace WalletFunctions.Delinking;

/// <summary>One caller's dealings with Juspay: a key that may be replaced, attempts that may be repeated, and a deadline for all of them.</summary>
internal sealed class JuspaySession
{
    /// <summary>The longest wait before the second attempt, doubled for each further one. A wait is drawn evenly from zero to that.</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(400);

    private readonly CachedSecret<JuspayApiKey> _apiKey;
    private readonly int _maxAttempts;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long _startedAt;
    private ApiKeyReading.Held _key;
    private ApiKeyReading.Unavailable? _noNewerKey;

    private JuspaySession(Terms terms, TimeSpan limit, DelinkTrail trail, long startedAt, ApiKeyReading.Held key, CancellationToken deadline)
    {
        (_apiKey, _maxAttempts, _time, _random) = terms;
        _limit = limit;
        Trail = trail;
        _startedAt = startedAt;
        _key = key;
        Deadline = deadline;
    }

    /// <summary>What it takes, for the audit record.</summary>
    public DelinkTrail Trail { get; }

    /// <summary>Cancelled at the deadline, and when the caller cancels.</summary>
    public CancellationToken Deadline { get; }

    /// <summary>The last request that Juspay may have carried out without our learning of it.</summary>
    public JuspayAnswer? Ambiguous { get; private set; }

    /// <summary>
    /// Does the work with a key and inside the limit. A missing key, the deadline and the caller's cancellation are failures like others.
    /// </summary>
    public static async Task<TOutcome> RunAsync<TOutcome>(
        Terms terms,
        TimeSpan limit,
        DelinkTrail trail,
        Func<JuspaySession, Task<TOutcome>> work,
        Func<DelinkOutcome.Failed, TOutcome> failed,
        CancellationToken cancellationToken)
    {
        var startedAt = terms.Time.GetTimestamp();
        using var deadline = new TimeLimit(limit, terms.Time, cancellationToken);
        try
        {
            var reading = await terms.ApiKey.GetAsync(deadline.Token);
            return await reading.Match(
                held: key =>
                {
                    trail.KeyVersion = key.Version;
                    return work(new JuspaySession(terms, limit, trail, startedAt, key, deadline.Token));
                },
                unavailable: why => Task.FromResult(failed(DelinkOutcome.Failed.Because(why))));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return failed(new DelinkOutcome.Failed(DelinkFailure.Cancelled,
                "The call was cancelled before Juspay's answer was certain. Repeat it: delinking twice is harmless."));
        }
        catch (OperationCanceledException)
        {
            return failed(trail.KeyVersion is null
                ? new DelinkOutcome.Failed(DelinkFailure.KeyUnavailable, "Key Vault has not given the API key in time.")
                : DelinkOutcome.Failed.Because(new JuspayAnswer(JuspayVerdict.TimedOut)));
        }
    }

    /// <summary>Sends until the answer is not one that may pass, or attempts or time run out.</summary>
    public async Task<JuspayAnswer> PersistAsync(Func<JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send)
    {
        for (var attempt = 1; ; attempt++)
        {
            Trail.Attempts++;
            var answer = await SendAsync(send);
            if (answer.MayHaveBeenCarriedOut)
            {
                Ambiguous = answer;
            }

            var wait = answer.RetryAfter ?? FirstBackoff * (1 << (attempt - 1)) * _random.NextDouble();
            if (!answer.IsTransient || attempt == _maxAttempts || wait >= _limit - _time.GetElapsedTime(_startedAt))
            {
                return answer;
            }

            await Task.Delay(wait, _time, Deadline);
            Trail.Retries++;
        }
    }

    /// <summary>Sends with the key at hand and, where Juspay refuses that key and Key Vault has another by now, once more with the other.</summary>
    public async Task<JuspayAnswer> SendAsync(Func<JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send)
    {
        var answer = await send(_key.Value, Deadline);
        if (answer.Verdict is JuspayVerdict.KeyRefused)
        {
            var refused = _key;
            var reading = await _apiKey.ReplaceAsync(refused, cancellationToken: Deadline);
            (_key, _noNewerKey) = reading.Match<(ApiKeyReading.Held, ApiKeyReading.Unavailable?)>(held: key => (key, null), unavailable: why => (refused, why));
            Trail.KeyVersion = _key.Version;
            if (!_key.Value.Equals(refused.Value))
            {
                answer = await send(_key.Value, Deadline);
            }
        }

        Trail.JuspayRequestId = answer.RequestId ?? Trail.JuspayRequestId;
        return answer;
    }

    /// <summary>
    /// What an answer that is no success comes to. That Juspay refuses our key is final only if Key Vault has said that it holds no other.
    /// </summary>
    public DelinkOutcome.Failed Because(JuspayAnswer answer) =>
        answer.Verdict is JuspayVerdict.KeyRefused && _noNewerKey is { } why ? DelinkOutcome.Failed.Because(why) : DelinkOutcome.Failed.Because(answer);

    /// <summary>What all sessions of one merchant share.</summary>
    internal sealed record Terms(CachedSecret<JuspayApiKey> ApiKey, int MaxAttempts, TimeProvider Time, Random Random);
}

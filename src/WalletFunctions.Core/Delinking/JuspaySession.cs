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
    private SecretReplacement<JuspayApiKey> _replacement;

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
    /// <param name="terms">What all sessions of the merchant share.</param>
    /// <param name="limit">The longest that the work may take.</param>
    /// <param name="trail">Filled for the audit record.</param>
    /// <param name="work">The work.</param>
    /// <param name="failed">Makes the outcome of a failure.</param>
    /// <param name="caller">Cancelled when the caller hangs up.</param>
    /// <param name="within">The deadline of the work that this is a part of, if any; it is cancelled with the caller.</param>
    public static async Task<TOutcome> RunAsync<TOutcome>(
        Terms terms,
        TimeSpan limit,
        DelinkTrail trail,
        Func<JuspaySession, Task<TOutcome>> work,
        Func<DelinkOutcome.Failed, TOutcome> failed,
        CancellationToken caller,
        CancellationToken? within = null)
    {
        var startedAt = terms.Time.GetTimestamp();
        using var deadline = new TimeLimit(limit, terms.Time, within ?? caller);
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
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            return failed(new DelinkOutcome.Failed(DelinkFailure.CallerCancelled,
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
            var answer = await SendAsync(send);
            if (answer.Effect is JuspayEffect.Unknown)
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
            _replacement = await _apiKey.ReplaceAsync(refused, cancellationToken: Deadline);
            _key = _replacement.Reading.Match(held: key => key, unavailable: _ => refused);
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
    /// The failure that an answer other than success amounts to. Juspay's refusal of our key is final only if Key Vault was read after it and holds
    /// no other key.
    /// </summary>
    public DelinkOutcome.Failed Because(JuspayAnswer answer) => (answer.Verdict, _replacement) switch
    {
        (JuspayVerdict.KeyRefused, { Reading: ApiKeyReading.Unavailable why }) => DelinkOutcome.Failed.Because(why),
        (JuspayVerdict.KeyRefused, { NextRead: { } nextRead }) => DelinkOutcome.Failed.KeyRefusedBefore(answer, nextRead),
        _ => DelinkOutcome.Failed.Because(answer),
    };

    /// <summary>What all sessions of one merchant share.</summary>
    internal sealed record Terms(CachedSecret<JuspayApiKey> ApiKey, int MaxAttempts, TimeProvider Time, Random Random);
}

using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;
using WalletFunctions.Tools;
using ApiKeyReading = WalletFunctions.KeyVault.SecretReading<WalletFunctions.Juspay.JuspayApiKey>;

namespace WalletFunctions.Delinking;

/// <summary>Runs the sessions of one merchant: each has an API key that may be replaced, requests that may be repeated, and a deadline.</summary>
internal sealed class JuspaySessions(CachedSecret<JuspayApiKey> apiKey, int maxAttempts, TimeProvider time, Random random)
{
    public CachedSecret<JuspayApiKey> ApiKey { get; } = apiKey;

    public int MaxAttempts { get; } = maxAttempts;

    public TimeProvider Time { get; } = time;

    public Random Random { get; } = random;

    /// <summary>Does work within a limit. A missing key, the deadline and the caller's cancellation are problems too.</summary>
    /// <param name="limit">The longest time that the work may take.</param>
    /// <param name="trail">Filled for the audit record.</param>
    /// <param name="work">The work.</param>
    /// <param name="caller">Cancelled when the caller disconnects.</param>
    /// <param name="within">The limit of several delinks that this work is a part of, if any. It is cancelled together with the caller.</param>
    public async Task<Outcome<T>> RunAsync<T>(
        TimeSpan limit, DelinkTrail trail, Func<JuspaySession, Task<Outcome<T>>> work, CancellationToken caller, TimeLimit? within = null)
        where T : class
    {
        using var deadline = new TimeLimit(limit, Time, caller, within);
        JuspaySession? session = null;
        try
        {
            var reading = await ApiKey.GetAsync(deadline.Token);
            return await reading.Match(
                held: key =>
                {
                    trail.KeyVersion = key.Version;
                    return work(session = new JuspaySession(this, key, trail, deadline));
                },
                unavailable: key => Task.FromResult<Outcome<T>>(JuspayProblem.Of(key)));
        }
        catch (OperationCanceledException) when (caller.IsCancellationRequested)
        {
            return new Problem(ProblemType.CallerCancelled,
                "The call was cancelled before Juspay's answer was certain. Repeat it: delinking twice is harmless.");
        }
        catch (OperationCanceledException)
        {
            return session is null or { IsReadingKey: true }
                ? new Problem(ProblemType.ApiKeyUnavailable, "Key Vault did not return the API key in time.")
                : JuspayProblem.Of(new JuspayAnswer(JuspayVerdict.TimedOut));
        }
    }
}

/// <summary>One caller's requests to Juspay.</summary>
internal sealed class JuspaySession(
    JuspaySessions sessions, ApiKeyReading.Held key, DelinkTrail trail, TimeLimit deadline)
{
    /// <summary>The longest wait before the second attempt, doubled before each further one. A wait is a random part of it.</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(400);

    private ApiKeyReading.Held _key = key;
    private SecretReplacement<JuspayApiKey> _replacement;

    public DelinkTrail Trail { get; } = trail;

    /// <summary>Cancelled at the end of the time, and when the caller cancels.</summary>
    public TimeLimit Deadline { get; } = deadline;

    /// <summary>Whether a refused key is being read again.</summary>
    public bool IsReadingKey { get; private set; }

    /// <summary>The last answer after which Juspay may have carried the request out without saying so.</summary>
    public JuspayAnswer? Ambiguous { get; private set; }

    /// <summary>Sends, and repeats the request while its failure is transient and attempts and time remain.</summary>
    public async Task<JuspayAnswer> SendWithRetriesAsync(Func<JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await SendAsync(send);
            if (answer.Effect is JuspayEffect.Unknown)
            {
                Ambiguous = answer;
            }

            var wait = answer.RetryAfter ?? FirstBackoff * (1 << (attempt - 1)) * sessions.Random.NextDouble();
            if (!answer.IsTransient || attempt == sessions.MaxAttempts || wait >= Deadline.Remaining)
            {
                return answer;
            }

            await Task.Delay(wait, sessions.Time, Deadline.Token);
            Trail.Retries++;
        }
    }

    /// <summary>Sends once, and once more if Juspay refuses the key and Key Vault holds another by now.</summary>
    public async Task<JuspayAnswer> SendAsync(Func<JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send)
    {
        var answer = await SendOnceAsync(send);
        if (answer.Verdict is JuspayVerdict.KeyRefused)
        {
            var refused = _key;
            IsReadingKey = true;
            _replacement = await sessions.ApiKey.ReplaceAsync(refused, cancellationToken: Deadline.Token);
            IsReadingKey = false;
            _key = _replacement.Reading.Match(held: newest => newest, unavailable: _ => refused);
            Trail.KeyVersion = _key.Version;
            if (!_key.Value.Equals(refused.Value))
            {
                answer = await SendOnceAsync(send);
            }
        }

        return answer;
    }

    /// <summary>
    /// The problem of an answer that does not delink the wallet. A refused key is a final problem only if Key Vault was read after the refusal and holds
    /// no other key.
    /// </summary>
    public Problem ProblemOf(JuspayAnswer answer) => (answer.Verdict, _replacement) switch
    {
        (JuspayVerdict.KeyRefused, { Reading: ApiKeyReading.Unavailable unavailable }) => JuspayProblem.Of(unavailable),
        (JuspayVerdict.KeyRefused, { NextRead: { } nextRead }) => JuspayProblem.OfKeyRefusedBefore(answer, nextRead),
        _ => JuspayProblem.Of(answer),
    };

    private async Task<JuspayAnswer> SendOnceAsync(Func<JuspayApiKey, CancellationToken, Task<JuspayAnswer>> send)
    {
        var answer = await send(_key.Value, Deadline.Token);
        Trail.JuspayRequestId = answer.RequestId ?? Trail.JuspayRequestId;
        return answer;
    }
}

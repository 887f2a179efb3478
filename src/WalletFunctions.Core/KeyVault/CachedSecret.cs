using System.Diagnostics;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.KeyVault;

/// <summary>
/// Keeps one secret in memory. It is read in the background or on first use, again at an interval, and again after it was refused, by one read at a
/// time. A held secret is replaced only by another usable one, so an outage, a denial or a wrong value in Key Vault fails no request.
/// </summary>
/// <typeparam name="T">The type that the secret is parsed into; equal if the values are equal.</typeparam>
internal sealed class CachedSecret<T>(
    Func<CancellationToken, Task<KeyVaultSecret>> read, string name, SecretParser<T> parse, TimeSpan refreshInterval, TimeProvider time,
    ILogger<CachedSecret<T>> logger)
    where T : class, IEquatable<T>
{
    /// <summary>The limit of one read, including the token.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long Key Vault is not read after a failed read.</summary>
    public static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How long a refused secret is not read again after a read that found it unchanged.</summary>
    public static readonly TimeSpan PauseAfterFutileRead = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private SecretReading<T>.Held? _held;
    private Task? _running;
    private (SecretFailure Reason, long At)? _failure;
    private long? _futileReadAt;
    private long _heldSince;
    private long _readAt;

    /// <summary>The secret if it is in memory. This property starts no read.</summary>
    public SecretReading<T>.Held? InMemory { get { lock (_gate) { return _held; } } }

    /// <summary>
    /// Gets the secret from memory, and starts a read in the background if the last one is older than the interval. Without a secret in memory, it waits
    /// for a read, or returns at once why the last read failed, if that was less than <see cref="PauseAfterFailure"/> ago.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled. The read continues.</exception>
    public async ValueTask<SecretReading<T>> GetAsync(CancellationToken cancellationToken)
    {
        Task running;
        lock (_gate)
        {
            if (_held is { } held)
            {
                if (IsPauseAfterFailureOver && time.GetElapsedTime(_heldSince) >= refreshInterval)
                {
                    StartRead();
                }

                return held;
            }

            if (_running is null && !IsPauseAfterFailureOver)
            {
                return WhyUnavailable()!;
            }

            running = StartRead();
        }

        await running.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return (SecretReading<T>?)_held ?? WhyUnavailable()!;
        }
    }

    /// <summary>
    /// Finds what to use in place of a refused secret. All requests share one read. It is not repeated for <see cref="PauseAfterFutileRead"/> if it found
    /// the same value, or for <see cref="PauseAfterFailure"/> if it failed.
    /// </summary>
    /// <param name="refused">The refused secret.</param>
    /// <param name="minAge">How old the last read must be for another one. It limits reads of secrets that any sender can cause to be refused.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. The read continues.</exception>
    public async Task<SecretReplacement<T>> ReplaceAsync(
        SecretReading<T>.Held refused, TimeSpan minAge = default, CancellationToken cancellationToken = default)
    {
        // The result of a running read may predate the rotation. If it finds nothing new, Key Vault is read again.
        await WaitForRunningReadAsync(cancellationToken);

        Task? running = null;
        lock (_gate)
        {
            var mayRead = TimeUntilNextRead(minAge) <= TimeSpan.Zero && IsPauseAfterFailureOver;
            if (HasSameValue(refused, _held) && (_running is not null || mayRead))
            {
                running = StartRead(refused);
            }
        }

        if (running is not null)
        {
            await running.WaitAsync(cancellationToken);
        }

        lock (_gate)
        {
            if (!HasSameValue(refused, _held))
            {
                return new SecretReplacement<T>(_held ?? refused, NextRead: null);
            }

            return WhyUnavailable() is { } unavailable
                ? new SecretReplacement<T>(unavailable, NextRead: null)
                : new SecretReplacement<T>(_held!, NextRead: running is null ? TimeUntilNextRead(minAge) : null);
        }
    }

    /// <summary>Reads at once and then at the interval, or every <see cref="PauseAfterFailure"/> while there is no secret. Returns when cancelled.</summary>
    public async Task KeepFreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await StartRead().WaitAsync(cancellationToken);
                await Task.Delay(InMemory is not null ? refreshInterval : PauseAfterFailure, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    /// <summary>
    /// Waits for a running read, then forgets the secret, the last failure and every pause. For a host that resets the vault to an earlier state.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing is forgotten.</exception>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await WaitForRunningReadAsync(cancellationToken);
        lock (_gate)
        {
            _held = null;
            _failure = null;
            _futileReadAt = null;
        }
    }

    /// <summary>Whether the last read succeeded, or failed long enough ago. Requires the gate.</summary>
    private bool IsPauseAfterFailureOver => _failure is not var (_, at) || time.GetElapsedTime(at) >= PauseAfterFailure;

    private static bool HasSameValue(SecretReading<T>.Held one, SecretReading<T>.Held? other) => other is not null && one.Value.Equals(other.Value);

    private SecretReading<T>.Unavailable? WhyUnavailable() => _failure is var (reason, at)
        ? new SecretReading<T>.Unavailable(reason.Fault, reason.Detail, PauseAfterFailure - time.GetElapsedTime(at))
        : null;

    /// <summary>How long a refused secret is not read again; zero or less if it may be read now. Requires the gate.</summary>
    private TimeSpan TimeUntilNextRead(TimeSpan minAge)
    {
        var untilOldEnough = minAge - time.GetElapsedTime(_readAt);
        var untilPauseEnds = _futileReadAt is { } at ? PauseAfterFutileRead - time.GetElapsedTime(at) : TimeSpan.Zero;
        return TimeSpan.FromTicks(Math.Max(untilOldEnough.Ticks, untilPauseEnds.Ticks));
    }

    private Task WaitForRunningReadAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _running)?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Returns the running read, or starts one.</summary>
    private Task StartRead(SecretReading<T>.Held? refused = null)
    {
        lock (_gate)
        {
            if (_running is null)
            {
                // All requests share the read, so it runs outside the execution context of the request that started it. Otherwise the Functions
                // worker would send the read's log lines to the host as lines of that invocation.
                using var outside = ExecutionContext.SuppressFlow();
                _running = Task.Run(() => ReadAsync(refused));
            }

            return _running;
        }
    }

    private async Task ReadAsync(SecretReading<T>.Held? refused)
    {
        using var span = Telemetry.ReadSecret.Start();
        SecretReading<T>.Held? found = null;
        SecretReading<T>.Held? before;
        SecretFailure? failure;
        try
        {
            using var timeout = new CancellationTokenSource(ReadTimeout, time);
            found = Accept(await read(timeout.Token), out failure);
        }
        // A failure is an ordinary state of this class, and no awaiter expects an exception.
        catch (Exception exception)
        {
            failure = SecretFailure.Of(exception, name);
        }

        lock (_gate)
        {
            _running = null;
            _readAt = time.GetTimestamp();
            before = _held;
            if (found is not null)
            {
                _held = found;
                _heldSince = _readAt;
                _failure = null;
            }
            else
            {
                _failure = (failure!, _readAt);
            }

            if (refused is not null && found is not null)
            {
                _futileReadAt = HasSameValue(refused, _held) ? _readAt : null;
            }
        }

        Report(before, found, failure, span);
    }

    private void Report(SecretReading<T>.Held? before, SecretReading<T>.Held? found, SecretFailure? failure, Activity? span)
    {
        if (found is null)
        {
            logger.LogSecretUnavailable(before is null || failure!.Fault is not SecretFault.Unreachable ? LogLevel.Error : LogLevel.Warning,
                name, failure!.Fault, failure.Detail, before?.Version ?? "none");
        }
        else if (found != before)
        {
            logger.LogSecretHeld(name, found.Version);
        }

        var outcome = found is null ? failure!.Fault.ToString() : found != before ? "changed" : "unchanged";
        if (Telemetry.SecretReads.Enabled)
        {
            Telemetry.SecretReads.Add(1, Telemetry.Tag(Telemetry.Secret, name), Telemetry.Tag(Telemetry.Outcome, outcome));
        }

        span?.SetTag(Telemetry.Secret, name).SetTag(Telemetry.Outcome, outcome);
        if (found is null)
        {
            span?.Fail(outcome);
        }
    }

    private SecretReading<T>.Held? Accept(KeyVaultSecret stored, out SecretFailure? failure)
    {
        failure = null;
        if (string.IsNullOrWhiteSpace(stored.Value))
        {
            failure = new SecretFailure(SecretFault.Empty, $"The secret '{name}' in Key Vault is empty: store the value in a new version.");
            return null;
        }

        if (!parse(stored.Value, out var secret, out var problem))
        {
            failure = new SecretFailure(SecretFault.Unusable, $"The secret '{name}' in Key Vault cannot be used: {problem}.");
            return null;
        }

        if (stored.Properties.ExpiresOn is { } expiry && expiry <= time.GetUtcNow())
        {
            logger.LogSecretExpired(name, stored.Properties.Version, expiry);
        }

        return new SecretReading<T>.Held(secret, stored.Properties.Version);
    }
}

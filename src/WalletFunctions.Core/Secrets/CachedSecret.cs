using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Secrets;

/// <summary>Makes the stored text usable, or ends the sentence "the secret cannot be used: …" without showing it.</summary>
/// <typeparam name="T">What the secret is.</typeparam>
public delegate bool SecretParser<T>(string stored, [NotNullWhen(true)] out T? secret, [NotNullWhen(false)] out string? problem)
    where T : class;

/// <summary>
/// One secret's life in this process: read in the background or when it is first asked for, kept in memory, read again at an interval and
/// when it was refused, and never by two at once. Once held it is only ever replaced by another usable one, so that an outage, a denial or a blunder in
/// the vault costs no request.
/// </summary>
/// <typeparam name="T">What the secret is; equal when the values are.</typeparam>
public sealed partial class CachedSecret<T>(
    Func<SecretClient> vault, string name, SecretParser<T> parse, TimeSpan refreshInterval, TimeProvider time, ILogger<CachedSecret<T>> logger,
    Task<KeyVaultSecret?>? begun = null)
    where T : class, IEquatable<T>
{
    /// <summary>The longest that one read takes, token included.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long Key Vault is left alone after a failed read.</summary>
    public static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How long Key Vault is left alone after a refused secret was read again and had not changed.</summary>
    public static readonly TimeSpan PauseAfterFutileRead = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    // The first read has begun already, if somebody has begun it.
    private Task<KeyVaultSecret?>? _begun = begun;
    private SecretReading<T>.Held? _held;
    private Task? _read;
    private (SecretFailure Reason, long At)? _failure;
    private long? _futileReadAt;
    private long _heldSince;

    /// <summary>The secret if it is at hand; nothing waits for a read, and none begins.</summary>
    public SecretReading<T>.Held? InMemory
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>
    /// The secret from memory; where it has not been read for an interval, a read begins in the background. While there is none: the end of
    /// a read, or at once why the last one failed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the read goes on.</exception>
    public async ValueTask<SecretReading<T>> GetAsync(CancellationToken cancellationToken)
    {
        Task read;
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

            if (_read is null && !IsPauseAfterFailureOver)
            {
                return WhyUnavailable()!;
            }

            read = StartRead();
        }

        await read.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return (SecretReading<T>?)_held ?? WhyUnavailable()!;
        }
    }

    /// <summary>
    /// Finds what to use in place of a secret that was refused. However many requests ask, Key Vault is read once, and not again for
    /// <see cref="PauseAfterFutileRead"/> if that found the same value, or for <see cref="PauseAfterFailure"/> if it failed.
    /// </summary>
    /// <param name="refused">What was refused.</param>
    /// <param name="minAge">How long ago it must have been read to be read again; for secrets that anybody can make us refuse.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; the read goes on.</exception>
    public async Task<SecretReplacement<T>> ReplaceAsync(
        SecretReading<T>.Held refused, TimeSpan minAge = default, CancellationToken cancellationToken = default)
    {
        // A read that is already running may have begun before the secret changed. If it finds nothing new, Key Vault is read again.
        await WaitForRunningReadAsync(cancellationToken);

        Task? read = null;
        lock (_gate)
        {
            var mayRead = TimeUntilNextRead(minAge) <= TimeSpan.Zero && IsPauseAfterFailureOver;
            if (HasSameValue(refused, _held) && (_read is not null || mayRead))
            {
                read = StartRead(refused);
            }
        }

        if (read is not null)
        {
            await read.WaitAsync(cancellationToken);
        }

        lock (_gate)
        {
            if (!HasSameValue(refused, _held))
            {
                return new SecretReplacement<T>(_held ?? refused, NextRead: null);
            }

            return WhyUnavailable() is { } unavailable
                ? new SecretReplacement<T>(unavailable, NextRead: null)
                : new SecretReplacement<T>(_held!, NextRead: read is null ? TimeUntilNextRead(minAge) : null);
        }
    }

    /// <summary>Reads at once and then at the interval, or sooner while there is no secret. Ends when cancelled.</summary>
    public async Task KeepFreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Task read;
                lock (_gate)
                {
                    read = StartRead();
                }

                await read.WaitAsync(cancellationToken);
                await Task.Delay(InMemory is not null ? refreshInterval : PauseAfterFailure, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>
    /// Starts over as if nothing had been read: waits for a running read, then forgets the secret, the last failure and every pause.
    /// For a host that puts the vault itself back to an earlier state.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled, and nothing is forgotten.</exception>
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

    /// <summary>Whether the last read succeeded, or failed long enough ago. Only inside the gate.</summary>
    private bool IsPauseAfterFailureOver => _failure is not var (_, at) || time.GetElapsedTime(at) >= PauseAfterFailure;

    private static bool HasSameValue(SecretReading<T>.Held one, SecretReading<T>.Held? other) => other is not null && one.Value.Equals(other.Value);

    private SecretReading<T>.Unavailable? WhyUnavailable() => _failure is var (reason, at)
        ? new SecretReading<T>.Unavailable(reason.Fault, reason.Detail, PauseAfterFailure - time.GetElapsedTime(at))
        : null;

    /// <summary>How long a refused secret is not read again; zero or less where it may be read now. Only inside the gate.</summary>
    private TimeSpan TimeUntilNextRead(TimeSpan minAge)
    {
        var untilOldEnough = minAge - time.GetElapsedTime(_heldSince);
        var untilPauseEnds = _futileReadAt is { } at ? PauseAfterFutileRead - time.GetElapsedTime(at) : TimeSpan.Zero;
        return untilOldEnough > untilPauseEnds ? untilOldEnough : untilPauseEnds;
    }

    private Task WaitForRunningReadAsync(CancellationToken cancellationToken)
    {
        Task? running;
        lock (_gate)
        {
            running = _read;
        }

        return running?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>The read that is running, or a new one. Only inside the gate.</summary>
    private Task StartRead(SecretReading<T>.Held? refused = null)
    {
        if (_read is null)
        {
            // All requests share the read, so it runs outside the execution context of the one that started it. Otherwise the Functions worker would
            // send the read's log lines to the host as lines of that invocation.
            using (ExecutionContext.SuppressFlow())
            {
                _read = Task.Run(() => ReadAsync(refused));
            }
        }

        return _read;
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
            var stored = Interlocked.Exchange(ref _begun, null) is { } begun ? await begun.WaitAsync(timeout.Token) : null;
            stored ??= (await vault().GetSecretAsync(name, cancellationToken: timeout.Token)).Value;
            found = Accept(stored, out failure);
        }
        // Every failure is an ordinary state of this class, and nobody awaits this task for its exception.
        catch (Exception exception)
        {
            failure = SecretFailure.Of(exception, name);
        }

        lock (_gate)
        {
            _read = null;
            before = _held;
            if (found is not null)
            {
                _held = found;
                _heldSince = time.GetTimestamp();
                _failure = null;
            }
            else
            {
                _failure = (failure!, time.GetTimestamp());
            }

            if (refused is not null && found is not null)
            {
                _futileReadAt = HasSameValue(refused, _held) ? time.GetTimestamp() : null;
            }
        }

        Report(span, before, found, failure);
    }

    private void Report(Activity? span, SecretReading<T>.Held? before, SecretReading<T>.Held? found, SecretFailure? failure)
    {
        if (found is null)
        {
            LogFailure(before is null || failure!.Fault is not SecretFault.Unreachable ? LogLevel.Error : LogLevel.Warning,
                name, failure!.Fault, failure.Detail, before?.Version ?? "none");
        }
        else if (found != before)
        {
            LogHeld(name, found.Version);
        }

        Measure(span, found is null ? failure!.Fault.ToString() : found != before ? "changed" : "unchanged", isFailure: found is null);
    }

    private void Measure(Activity? span, string outcome, bool isFailure)
    {
        if (Telemetry.SecretReads.Enabled)
        {
            Telemetry.SecretReads.Add(1, Telemetry.Tag(Telemetry.Secret, name), Telemetry.Tag(Telemetry.Outcome, outcome));
        }

        if (span is not null)
        {
            span.SetTag(Telemetry.Secret, name);
            span.SetTag(Telemetry.Outcome, outcome);
            if (isFailure)
            {
                span.Fail(outcome);
            }
        }
    }

    private SecretReading<T>.Held? Accept(KeyVaultSecret stored, out SecretFailure? failure)
    {
        failure = null;
        if (string.IsNullOrWhiteSpace(stored.Value))
        {
            failure = new SecretFailure(SecretFault.Empty, $"The secret '{name}' in Key Vault is empty: store the value in a new version.");
        }
        else if (!parse(stored.Value, out var secret, out var problem))
        {
            failure = new SecretFailure(SecretFault.Unusable, $"The secret '{name}' in Key Vault cannot be used: {problem}.");
        }
        else
        {
            if (stored.Properties.ExpiresOn is { } expiry && expiry <= time.GetUtcNow())
            {
                LogExpired(name, stored.Properties.Version, expiry);
            }

            return new SecretReading<T>.Held(secret, stored.Properties.Version);
        }

        return null;
    }

    [Description("a new version of a secret is in use")]
    [LoggerMessage(EventId = 101, EventName = "SecretHeld", Level = LogLevel.Information, Message = "secret_held name={Name} version={Version}")]
    private partial void LogHeld(string name, string version);

    [Description("a read of a secret failed; a warning during an outage that costs nothing")]
    [LoggerMessage(EventId = 102, EventName = "SecretUnavailable",
        Message = "secret_unavailable name={Name} fault={Fault} version_in_use={VersionInUse}: {Detail}")]
    private partial void LogFailure(LogLevel level, string name, SecretFault fault, string detail, string versionInUse);

    [Description("a secret is past its expiry date; it is used all the same, since Juspay decides")]
    [LoggerMessage(EventId = 103, EventName = "SecretExpired", Level = LogLevel.Warning,
        Message = "secret_expired name={Name} version={Version} expired={Expired:O}: it is still used, since Juspay decides; rotate it")]
    private partial void LogExpired(string name, string version, DateTimeOffset expired);
}

namespace WalletFunctions.Tools;

/// <summary>Cancels after a time on the given clock, and when the caller cancels. One source replaces the three that linking would need.</summary>
internal sealed class TimeLimit : CancellationTokenSource
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly CancellationTokenRegistration _caller;

    /// <param name="limit">The time, from now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Cancelled when the caller cancels.</param>
    /// <param name="within">The limit of several works that this one is a part of, if any. It is cancelled together with the caller.</param>
    public TimeLimit(TimeSpan limit, TimeProvider time, CancellationToken caller, TimeLimit? within = null)
        : base(limit, time)
    {
        (_limit, _time, _startedAt) = (within?.Remaining < limit ? within.Remaining : limit, time, time.GetTimestamp());
        _caller = (within?.Token ?? caller).UnsafeRegister(static source => ((TimeLimit)source!).Cancel(), this);
    }

    /// <summary>The time that is left; zero or less after the end.</summary>
    public TimeSpan Remaining => _limit - _time.GetElapsedTime(_startedAt);

    protected override void Dispose(bool disposing)
    {
        _caller.Dispose();
        base.Dispose(disposing);
    }
}

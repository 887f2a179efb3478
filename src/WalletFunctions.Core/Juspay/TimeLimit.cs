namespace WalletFunctions.Juspay;

/// <summary>A time-out on a given clock that the caller's cancellation ends as well: one source, where linking two would make a third.</summary>
internal sealed class TimeLimit : CancellationTokenSource
{
    private readonly CancellationTokenRegistration _caller;

    public TimeLimit(TimeSpan limit, TimeProvider time, CancellationToken caller)
        : base(limit, time) => _caller = caller.UnsafeRegister(static source => ((TimeLimit)source!).Cancel(), this);

    protected override void Dispose(bool disposing)
    {
        _caller.Dispose();
        base.Dispose(disposing);
    }
}

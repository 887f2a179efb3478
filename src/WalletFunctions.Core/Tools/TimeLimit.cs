namespace WalletFunctions.Tools;

/// <summary>A time-out on the given clock that the caller's cancellation also ends. One source replaces the three that linking would need.</summary>
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

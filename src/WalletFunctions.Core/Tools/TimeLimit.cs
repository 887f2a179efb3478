namespace WalletFunctions.Tools;

/// <summary>Cancels after a time on the given clock, and when the caller cancels. One source replaces the three that linking would need.</summary>
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

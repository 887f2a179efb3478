using Microsoft.Extensions.Time.Testing;

namespace WalletFunctions.Tests.Support;

/// <summary>A clock that only a test advances, and that reports when a wait starts.</summary>
internal sealed class ObservedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _timers = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called with the length of each timer that is started.</summary>
    public Action<TimeSpan>? TimerStarted { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
        {
            _timers.Add(dueTime);
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        TimerStarted?.Invoke(dueTime);
        return timer;
    }

    /// <summary>How many timers of that length have been started.</summary>
    public int TimersOf(TimeSpan dueTime)
    {
        lock (_gate)
        {
            return _timers.Count(timer => timer == dueTime);
        }
    }

    /// <summary>Waits until a number of timers of that length have been started.</summary>
    public async Task WaitForTimerAsync(TimeSpan dueTime, int count = 1)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_timers.Count(timer => timer == dueTime) >= count)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }
}

/// <summary>Returns the same number each time.</summary>
internal sealed class FixedRandom(double value) : Random
{
    public override double NextDouble() => value;
}

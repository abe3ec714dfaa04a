using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Watchword.Sip.Tests;

/// <summary>A clock that stands still and tells for how long timers were set: a test sees by it how far the stack has come.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _set = new();

    /// <summary>How often a timer was set to run out after so long.</summary>
    public int TimesSet(TimeSpan dueTime) => _set.Count(one => one == dueTime);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(base.CreateTimer(callback, state, dueTime, period), _set);

    private sealed class Timer(ITimer timer, ConcurrentQueue<TimeSpan> set) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool changed = timer.Change(dueTime, period);
            set.Enqueue(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

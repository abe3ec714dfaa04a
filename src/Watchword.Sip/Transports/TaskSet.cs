using System.Collections.Concurrent;

namespace Watchword.Sip;

/// <summary>Tasks that run beside each other, and what ends them.</summary>
internal sealed class TaskSet : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();
    private readonly ConcurrentDictionary<IAsyncDisposable, byte> _owned = new();
    private volatile bool _ended;

    public void Add(Task task)
    {
        _tasks.TryAdd(task, 0);
        _ = task.ContinueWith(t => _tasks.TryRemove(t, out _), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Runs with something that is disposed when the set is.</summary>
    public async Task RunAsync(IAsyncDisposable owned, Func<Task> run)
    {
        _owned.TryAdd(owned, 0);
        try
        {
            if (!_ended)
            {
                await run();
            }
        }
        finally
        {
            _owned.TryRemove(owned, out _);
            await owned.DisposeAsync();
        }
    }

    /// <summary>Waits for what runs, as long as <paramref name="cancellationToken"/> lets it.</summary>
    public async Task WhenAllAsync(CancellationToken cancellationToken)
    {
        while (!_tasks.IsEmpty)
        {
            // Whoever started a task sees its fault; here only its end counts.
            Task all = Task.WhenAll(_tasks.Keys);
            await Task.WhenAny(all, Task.Delay(Timeout.Infinite, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        foreach (IAsyncDisposable owned in _owned.Keys)
        {
            await owned.DisposeAsync();
        }

        await WhenAllAsync(CancellationToken.None);
    }
}

/// <summary>A bounded number of connections.</summary>
internal sealed class SipConnectionCount(int most)
{
    private int _count;

    public bool TryAdd() => BoundedCount.TryAdd(ref _count, most);

    public void Remove() => Interlocked.Decrement(ref _count);
}

/// <summary>Counts what there may only be so many of.</summary>
internal static class BoundedCount
{
    /// <summary>
    /// One more, unless there are so many already. What is refused is not counted for a moment either: it would have another refused
    /// that comes at that moment, when there is a place again.
    /// </summary>
    public static bool TryAdd(ref int count, int most)
    {
        int seen = Volatile.Read(ref count);
        while (seen < most)
        {
            int before = Interlocked.CompareExchange(ref count, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }
}

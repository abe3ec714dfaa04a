using System.Collections.Concurrent;

namespace Watchword.Idm.Server.Events;

/// <summary>Wakes the deliverers when a transaction with events was committed.</summary>
public sealed class EventSignal
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> bells = new(StringComparer.Ordinal);

    /// <summary>There is something new.</summary>
    public void Wake()
    {
        foreach (SemaphoreSlim bell in bells.Values)
        {
            Ring(bell);
        }
    }

    /// <summary>Makes the bell of one deliverer, before that reads for the first time: what comes then is not missed.</summary>
    internal void Register(string audience) => bells.GetOrAdd(audience, _ => new SemaphoreSlim(0, 1));

    /// <summary>Waits for something new, but not longer than <paramref name="longest"/>.</summary>
    internal async Task WaitAsync(string audience, TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        SemaphoreSlim bell = bells[audience];
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task rung = bell.WaitAsync(end.Token);
        Task late = Task.Delay(longest, time, end.Token);
        await Task.WhenAny(rung, late);
        await end.CancelAsync();
        try
        {
            await rung;
        }
        catch (OperationCanceledException)
        {
            // It was the time that ended the wait, or the server stops.
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private static void Ring(SemaphoreSlim bell)
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
    }
}

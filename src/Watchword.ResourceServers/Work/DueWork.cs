namespace Watchword.ResourceServers.Work;

/// <summary>
/// Work that the database knows of: done at the start, when a signal says that there is some, when the next piece is due, and at the
/// latest when <paramref name="idle"/> is over, because other nodes make some too. A fault is told, and the next round tries again.
/// </summary>
/// <param name="signal">Wakes it.</param>
/// <param name="idle">How long it sleeps at most.</param>
internal abstract class DueWork(WorkSignal signal, TimeSpan idle) : BackgroundService
{
    /// <summary>Whether there can be anything to do at all in this process.</summary>
    protected virtual bool IsWanted => true;

    /// <summary>The clock that it sleeps by; the system's, unless when the next is due is known by another.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Does what is due now.</summary>
    /// <param name="cancellationToken">The server stops.</param>
    /// <returns>When the next is due; null if that is not known.</returns>
    protected abstract Task<DateTimeOffset?> WorkAsync(CancellationToken cancellationToken);

    /// <summary>Tells that a round ended with a fault.</summary>
    protected abstract void Halted(Exception fault);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (IsWanted && !stoppingToken.IsCancellationRequested)
        {
            // Before looking: what is signalled meanwhile wakes at once.
            Task next = signal.Next;
            DateTimeOffset? due = null;
            try
            {
                due = await WorkAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Halted(fault);
            }

            _ = await Task.WhenAny(next, Task.Delay(WaitUntil(due), Clock, stoppingToken));
        }
    }

    private TimeSpan WaitUntil(DateTimeOffset? due)
    {
        TimeSpan wait = due - Clock.GetUtcNow() ?? idle;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < idle ? wait : idle;
    }
}

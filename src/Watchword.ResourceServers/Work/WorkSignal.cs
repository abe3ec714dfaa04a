namespace Watchword.ResourceServers.Work;

/// <summary>
/// Wakes whoever waits for something to do, on this node. Other nodes look for themselves from time to time: what is to be done is in
/// the database.
/// </summary>
internal class WorkSignal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next <see cref="Set"/> after this was read.</summary>
    public Task Next => _next.Task;

    /// <summary>There is something to do.</summary>
    public void Set() =>
        Interlocked.Exchange(
            ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

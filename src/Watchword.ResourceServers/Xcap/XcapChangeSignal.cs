namespace Watchword.ResourceServers.Xcap;

/// <summary>
/// Wakes whoever follows changes of documents, on this node. Other nodes look for themselves from time to time.
/// </summary>
internal sealed class XcapChangeSignal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next change after this was read.</summary>
    public Task Next => _next.Task;

    /// <summary>Something has changed.</summary>
    public void Set() =>
        Interlocked.Exchange(
            ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

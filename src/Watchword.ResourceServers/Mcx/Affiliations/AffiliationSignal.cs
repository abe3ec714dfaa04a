namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>Wakes <see cref="AffiliationWork"/> when a client was authorised; what is due is in the database.</summary>
internal sealed class AffiliationSignal
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when something became due since it was asked for.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Something is due.</summary>
    public void Set() =>
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

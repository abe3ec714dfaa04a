using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>What one caller wants written, whole or not at all.</summary>
internal abstract class WriteUnit
{
    private readonly CancellationToken _cancellationToken;

    private readonly TaskCompletionSource<IReadOnlyList<AuditRecord>> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IReadOnlyList<AuditRecord> _records = [];
    private KmsException? _refusal;

    /// <exception cref="ArgumentException">An entry cannot be kept: said to the caller at once, not to the group.</exception>
    protected WriteUnit(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        foreach (AuditEntry entry in entries)
        {
            entry.Validate();
        }

        Entries = entries;
        _cancellationToken = cancellationToken;
    }

    public IReadOnlyList<AuditEntry> Entries { get; }

    /// <summary>Done when the unit is on the disk, or certainly will not be, or nobody knows.</summary>
    public Task<IReadOnlyList<AuditRecord>> Completion => _completion.Task;

    /// <summary>False if the caller gave up before anybody began to write.</summary>
    public bool TryBegin() => !_cancellationToken.IsCancellationRequested || !_completion.TrySetCanceled(_cancellationToken);

    /// <summary>Reads and stages within the transaction. An attempt may be followed by another, from the begin.</summary>
    public async Task StageAsync(WriteTransaction transaction)
    {
        _refusal = null;
        try
        {
            _records = await WriteAsync(transaction);
        }
        catch (KmsException refusal)
        {
            _refusal = refusal;
        }
    }

    /// <summary>After the commit.</summary>
    public void Succeed()
    {
        if (_refusal is null)
        {
            _completion.TrySetResult(_records);
        }
        else
        {
            _completion.TrySetException(_refusal);
        }
    }

    public void Fail(Exception fault) => _completion.TrySetException(fault);

    /// <summary>Throws <see cref="KmsException"/> before it has written anything, or writes all of it.</summary>
    protected abstract Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction);
}

/// <summary>Nothing but audit records.</summary>
internal sealed class AuditUnit(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    : WriteUnit(entries, cancellationToken)
{
    protected override Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction) =>
        Task.FromResult<IReadOnlyList<AuditRecord>>(transaction.Append(Entries));
}

/// <summary>A rare act, by the change tracker.</summary>
/// <param name="act">Checks, then changes entities, and says what to record; refuses before it changes any.</param>
/// <param name="cancellationToken">Gives up before it has begun.</param>
internal sealed class ActUnit(
    Func<WriteTransaction, Task<IReadOnlyList<AuditEntry>>> act, CancellationToken cancellationToken)
    : WriteUnit([], cancellationToken)
{
    protected override async Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction)
    {
        await transaction.FlushAsync();
        transaction.Context.ChangeTracker.Clear();
        IReadOnlyList<AuditEntry> entries = await act(transaction);
        await transaction.Context.SaveChangesAsync();
        return transaction.Append(entries);
    }
}

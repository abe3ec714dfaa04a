using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>When a checkpoint is due: whichever comes first.</summary>
/// <param name="Records">After so many records.</param>
/// <param name="Age">So long after the one before, if there are records since.</param>
public sealed record CheckpointDue(long Records, TimeSpan Age)
{
    /// <summary>Every 10,000 records and every 10 minutes.</summary>
    public static CheckpointDue Default { get; } = new(10_000, TimeSpan.FromMinutes(10));
}

/// <summary>Signs the audit log from time to time, so that whoever rewrites it needs the audit key too.</summary>
/// <param name="store">The log.</param>
/// <param name="signer">The audit key; stays with the caller.</param>
/// <param name="due">When. Nodes of one log share its checkpoints: whoever looks first when one is due makes it.</param>
/// <param name="time">The clock.</param>
public sealed class AuditCheckpoints(IAuditStore store, IAuditSigner signer, CheckpointDue due, TimeProvider time)
{
    private const string CorrelationId = "checkpoint";
    private AuditCheckpoint? _last;

    /// <summary>Makes one now, on somebody's demand.</summary>
    /// <returns>The checkpoint; null if the log is empty.</returns>
    /// <exception cref="KmsException">As <see cref="IAuditStore.AppendAuditAsync"/>; <see cref="KmsError.AuditBroken"/> if the
    /// log is not any more what this signed before.</exception>
    public Task<AuditCheckpoint?> MakeAsync(
        Authority authority, string correlationId, CancellationToken cancellationToken = default) =>
        MakeAsync(null, authority.ToEntry(AuditKind.Checkpoint, string.Empty, 0, correlationId), cancellationToken);

    /// <summary>Makes one if it is due.</summary>
    /// <returns>The checkpoint; null if it was not due.</returns>
    /// <exception cref="KmsException">As <see cref="MakeAsync(Authority, string, CancellationToken)"/>.</exception>
    public Task<AuditCheckpoint?> MakeIfDueAsync(CancellationToken cancellationToken = default) =>
        MakeAsync(due, SystemEntry(), cancellationToken);

    /// <summary>Looks again and again until it is cancelled. A store that cannot be written is tried again the next
    /// time.</summary>
    /// <param name="interval">How often to look.</param>
    /// <param name="failed">Told of each failure.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(TimeSpan interval, Action<KmsException> failed, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await MakeIfDueAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (KmsException fault)
            {
                failed(fault);
            }
        }
    }

    private async Task<AuditCheckpoint?> MakeAsync(CheckpointDue? when, AuditEntry entry, CancellationToken cancellationToken)
    {
        // Who can write to the database but has no audit key must not get this one to sign what he has rewritten: what was signed
        // before stands in the log as it did.
        if (_last is { } last
            && !(await FindAsync(last.Sequence, cancellationToken).ConfigureAwait(false) is { } record
                && record.Hash.Span.SequenceEqual(last.Hash.Span)))
        {
            throw new KmsException(KmsError.AuditBroken, $"record {last.Sequence} is not the one that was signed");
        }

        AuditCheckpoint? made =
            await store.AppendCheckpointAsync(signer, when, entry, cancellationToken).ConfigureAwait(false);
        _last = made ?? _last;
        return made;
    }

    private async Task<AuditRecord?> FindAsync(long sequence, CancellationToken cancellationToken)
    {
        await foreach (AuditRecord record in store.ReadAuditAsync(sequence - 1, cancellationToken).ConfigureAwait(false))
        {
            return record.Sequence == sequence ? record : null;
        }

        return null;
    }

    private static AuditEntry SystemEntry() => new()
    {
        Kind = AuditKind.Checkpoint,
        KmsUri = string.Empty,
        Generation = 0,
        CorrelationId = CorrelationId,
    };
}

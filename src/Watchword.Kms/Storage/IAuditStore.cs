using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>That somebody acted in a role.</summary>
/// <param name="KmsUri">In which domain; empty for the whole installation.</param>
/// <param name="Issuer">Who vouched for him.</param>
/// <param name="Subject">His name with that issuer.</param>
/// <param name="Role">The role.</param>
public sealed record RoleAct(string KmsUri, string Issuer, string Subject, string Role);

/// <summary>The audit log: one chain for all domains and all nodes.</summary>
public interface IAuditStore
{
    /// <summary>
    /// How far this node's clock may be behind the last record before it counts as wrong. More than zero only where other nodes,
    /// whose clocks differ a little, write to the same log; a record then takes the time of the one before.
    /// </summary>
    TimeSpan ClockTolerance { get; }

    /// <summary>The end of the audit log.</summary>
    Task<AuditHead> GetAuditHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>The end of the audit log as far as this node has seen it, without asking the database once it has written there.
    /// Other nodes may have written more; whatever this node writes is judged by the true end again.</summary>
    ValueTask<AuditHead> GetKnownAuditHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>Appends to the audit log, with the time of the clock at that moment.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClockBehindAudit"/> or
    /// <see cref="KmsError.StoreUnavailable"/>: then it is not known whether the records were written.</exception>
    Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>Reads the audit log behind a record.</summary>
    /// <param name="after">Sequence number of the last record that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<AuditRecord> ReadAuditAsync(long after, CancellationToken cancellationToken);

    /// <summary>Who acted in which role, in records behind one; each once. A request that was denied is no act.</summary>
    /// <param name="after">Sequence number of the last record that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<RoleAct>> FindRoleActsAsync(long after, CancellationToken cancellationToken = default);

    /// <summary>Signs the end of the log and appends the signature to it, in one transaction.</summary>
    /// <param name="signer">The audit key.</param>
    /// <param name="due">When it is due; null for now.</param>
    /// <param name="entry">Its audit entry, to which the store adds the signature.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>The checkpoint; null if it was not due or the log is empty.</returns>
    /// <exception cref="KmsException">As <see cref="AppendAuditAsync"/>.</exception>
    Task<AuditCheckpoint?> AppendCheckpointAsync(
        IAuditSigner signer, CheckpointDue? due, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>The last checkpoint; null if there is none.</summary>
    Task<AuditCheckpoint?> FindLastCheckpointAsync(CancellationToken cancellationToken = default);

    /// <summary>Every key that ever signed a checkpoint of this log, in the order of their first use.</summary>
    Task<IReadOnlyList<AuditPublicKey>> FindAuditKeysAsync(CancellationToken cancellationToken = default);
}

/// <summary>What is asked of audit logs everywhere.</summary>
public static class AuditStoreExtensions
{
    /// <summary>Reads the audit log from its begin.</summary>
    public static IAsyncEnumerable<AuditRecord> ReadAuditAsync(
        this IAuditStore store, CancellationToken cancellationToken = default) => store.ReadAuditAsync(0, cancellationToken);
}

using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

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

    /// <summary>Appends to the audit log, with the time of the clock at that moment.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClockBehindAudit"/> or
    /// <see cref="KmsError.StoreUnavailable"/>: then it is not known whether the records were written.</exception>
    Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>Reads the audit log behind a record.</summary>
    /// <param name="after">Sequence number of the last record that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<AuditRecord> ReadAuditAsync(long after, CancellationToken cancellationToken);
}

/// <summary>What is asked of audit logs everywhere.</summary>
public static class AuditStoreExtensions
{
    /// <summary>Reads the audit log from its begin.</summary>
    public static IAsyncEnumerable<AuditRecord> ReadAuditAsync(
        this IAuditStore store, CancellationToken cancellationToken = default) => store.ReadAuditAsync(0, cancellationToken);
}

using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>That an identity's key of a period was issued to a requester. Holds no key.</summary>
/// <param name="Generation">Generation of the master secrets.</param>
/// <param name="PeriodNumber">Number of the key period.</param>
/// <param name="UserUri">The identity, octet by octet.</param>
/// <param name="Issuer">Who vouched for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="UserId">The UID, 32 octets.</param>
/// <param name="PublicTokenHash">SHA-256 over the PVT, 32 octets.</param>
public sealed record IssuanceRecord(
    int Generation, long PeriodNumber, string UserUri, string Issuer, string Subject, ReadOnlyMemory<byte> UserId,
    ReadOnlyMemory<byte> PublicTokenHash);

/// <summary>
/// Where the KMS keeps its domain, its audit log and what it issued. Every method that writes has the whole of it on the disk
/// when it returns, or nothing. Strings are compared octet by octet.
/// </summary>
public interface IKmsStore
{
    /// <summary>The domain, or null if none was created.</summary>
    Task<DomainRecord?> FindDomainAsync(CancellationToken cancellationToken = default);

    /// <summary>Records the domain and its first audit record in one transaction.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.DomainExists"/>.</exception>
    Task CreateDomainAsync(DomainRecord domain, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>The end of the audit log.</summary>
    Task<AuditHead> GetAuditHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>Appends to the audit log, with the time of the clock at that moment.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClockBehindAudit"/> or
    /// <see cref="KmsError.StoreUnavailable"/>.</exception>
    Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>Records what was issued, with its outcomes in the audit log, in one transaction.</summary>
    /// <exception cref="KmsException">As <see cref="AppendAuditAsync"/>; <see cref="KmsError.RepeatDiffers"/> if the same UID
    /// was recorded with another PVT before.</exception>
    Task<IReadOnlyList<AuditRecord>> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes, CancellationToken cancellationToken = default);

    /// <summary>True if this identity's key of this period was issued to this very requester.</summary>
    Task<bool> WasIssuedAsync(
        int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default);

    /// <summary>Reads the audit log from its begin.</summary>
    IAsyncEnumerable<AuditRecord> ReadAuditAsync(CancellationToken cancellationToken = default);
}

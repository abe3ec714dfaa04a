using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>That an identity's key of a period was issued to a requester. Holds no key.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="Generation">Generation of the domain.</param>
/// <param name="SecretsGeneration">Whose master secrets it uses.</param>
/// <param name="PeriodNumber">Number of the key period.</param>
/// <param name="UserUri">The identity, octet by octet.</param>
/// <param name="Issuer">Who vouched for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="UserId">The UID, 32 octets.</param>
/// <param name="PublicTokenHash">SHA-256 over the PVT, 32 octets.</param>
public sealed record IssuanceRecord(
    string KmsUri, int Generation, int SecretsGeneration, long PeriodNumber, string UserUri, string Issuer, string Subject,
    ReadOnlyMemory<byte> UserId, ReadOnlyMemory<byte> PublicTokenHash);

/// <summary>What was issued to whom.</summary>
public interface IIssuanceStore
{
    /// <summary>Records what was issued, with its outcomes in the audit log, in one transaction.</summary>
    /// <exception cref="KmsException">As <see cref="IAuditStore.AppendAuditAsync"/>; <see cref="KmsError.RepeatDiffers"/> if the
    /// same UID was recorded with another PVT before.</exception>
    Task<IReadOnlyList<AuditRecord>> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes, CancellationToken cancellationToken = default);

    /// <summary>True if this identity's key of this period was issued to this very requester.</summary>
    Task<bool> WasIssuedAsync(
        string kmsUri, int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default);
}

using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>The partners of the domains: certificates of other security domains, their history, and the version of each domain's
/// list. Every change increases the version in its own transaction.</summary>
public interface IPartnerStore
{
    /// <summary>The version of a domain's list; <see cref="PartnerCacheVersion.Empty"/> if it never had a partner.</summary>
    Task<PartnerCacheVersion> GetPartnerCacheAsync(string domain, CancellationToken cancellationToken = default);

    /// <summary>
    /// Increases the version because time passed <see cref="PartnerCacheVersion.NextChange"/>; nothing if another node did so
    /// already.
    /// </summary>
    /// <param name="domain">The domain.</param>
    /// <param name="seen">The version that was found due.</param>
    /// <param name="entry">The audit record of the change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The version now.</returns>
    Task<PartnerCacheVersion> AdvancePartnerCacheAsync(
        string domain, PartnerCacheVersion seen, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>All partner records of a domain, in the order of their import.</summary>
    Task<IReadOnlyList<PartnerRecord>> FindPartnersAsync(string domain, CancellationToken cancellationToken = default);

    /// <summary>What was done to the partners of a domain, in order.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="kmsUri">Only to this partner; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<PartnerAct>> FindPartnerHistoryAsync(
        string domain, string? kmsUri, CancellationToken cancellationToken = default);

    /// <summary>Records a partner that is not there yet.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerExists"/> if it is a link and there is an approved record of
    /// that KMS already.</exception>
    Task<long> AddPartnerAsync(
        PartnerRecord partner, PartnerAct act, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Changes states of partner records, all of them or none. Compare and set: of two officers at two nodes one
    /// succeeds.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerChanged"/> if one of them is not in the state that was expected;
    /// <see cref="KmsError.PartnerExists"/> if two records of one KMS would be approved.</exception>
    Task ChangePartnersAsync(
        string domain, IReadOnlyList<PartnerChange> changes, IReadOnlyList<PartnerAct> acts, IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken = default);
}

using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Which identities of other domains a domain keys for a time, as their migration KMS (TS 33.180 5.3.1). An identity outside the
/// domain's own identity domains is keyed under a grant only.
/// </summary>
public sealed class MigrationGrants
{
    private readonly IKmsStore _store;
    private readonly TimeProvider _time;

    /// <summary>The grants of a store, for all its domains.</summary>
    public MigrationGrants(IKmsStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>Lets a domain key an identity of another for a time.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="domain">The domain that keys.</param>
    /// <param name="userUri">The identity, octet by octet.</param>
    /// <param name="issuer">Who must vouch for the requester.</param>
    /// <param name="subject">The requester; null for whoever the issuer gives the identity to.</param>
    /// <param name="validFrom">From when.</param>
    /// <param name="validTo">Until when, this time excluded.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.GrantMalformed"/>; <see cref="KmsError.NoDomain"/>.</exception>
    public async Task<MigrationGrant> GrantAsync(
        Authority by, string domain, string userUri, string issuer, string? subject, DateTimeOffset validFrom,
        DateTimeOffset validTo, string correlationId, CancellationToken cancellationToken = default)
    {
        bool isUri = userUri.Split(':')[0] is "sip" or "sips" or "tel";
        if (!isUri || userUri.Length > DomainDescription.MaxKmsUriOctets || string.IsNullOrEmpty(issuer) || subject?.Length == 0
            || validTo <= validFrom || validTo <= _time.GetUtcNow())
        {
            throw new KmsException(KmsError.GrantMalformed);
        }

        if ((await _store.FindGenerationsAsync(domain, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            throw new KmsException(KmsError.NoDomain, domain);
        }

        MigrationGrant grant = new()
        {
            Domain = domain,
            UserUri = userUri,
            Issuer = issuer,
            Subject = subject,
            ValidFrom = validFrom.ToStoreTime(),
            ValidTo = validTo.ToStoreTime(),
            GrantedBy = by,
            GrantedAt = _time.GetStoreTime(),
        };
        long id = await _store.AddGrantAsync(
            grant, PartnerAudit.Entry(by, domain, userUri, PartnerAudit.Grant, correlationId), cancellationToken)
            .ConfigureAwait(false);
        return grant with { Id = id };
    }

    /// <summary>Takes a grant back. Keys already given stay usable until their period ends.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.GrantUnknown"/>.</exception>
    public async Task RevokeAsync(
        Authority by, string domain, long id, string correlationId, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<MigrationGrant> grants = await ListAsync(domain, null, cancellationToken).ConfigureAwait(false);
        MigrationGrant grant = grants.FirstOrDefault(grant => grant.Id == id) ?? throw new KmsException(KmsError.GrantUnknown);
        await _store.RevokeGrantAsync(
            domain, id, _time.GetStoreTime(),
            PartnerAudit.Entry(by, domain, grant.UserUri, PartnerAudit.EndGrant, correlationId), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>All grants of a domain, those of the past included.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="userUri">Only of this identity; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<MigrationGrant>> ListAsync(
        string domain, string? userUri = null, CancellationToken cancellationToken = default) =>
        _store.FindGrantsAsync(domain, userUri, cancellationToken);

    /// <summary>True if the identity is the domain's own, or a grant that stands lets the domain key it in this period.</summary>
    /// <param name="domain">The domain that is asked.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="period">The key period: under a grant it must begin before the grant ends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> IsMigrationAllowedAsync(
        DomainRecord domain, Requester requester, string userUri, KeyPeriod period,
        CancellationToken cancellationToken = default) =>
        OwnIdentityDomains.IsOwn(domain, userUri)
        || await FindStandingAsync(domain, requester, userUri, period, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>True if a grant stands under which the domain keys that identity now, whoever asks for its keys.</summary>
    internal async Task<bool> IsGuestAsync(string domain, string userUri, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return (await _store.FindGrantsAsync(domain, userUri, cancellationToken).ConfigureAwait(false))
            .Any(grant => Stands(grant, now));
    }

    private static bool Stands(MigrationGrant grant, DateTimeOffset now) =>
        grant.RevokedAt is null && grant.ValidFrom <= now && now < grant.ValidTo;

    /// <summary>The grant that lets the domain key an identity of another in this period; of several the one that stands longest.
    /// Null if there is none.</summary>
    internal async Task<MigrationGrant?> FindStandingAsync(
        DomainRecord domain, Requester requester, string userUri, KeyPeriod period, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        IReadOnlyList<MigrationGrant> grants =
            await _store.FindGrantsAsync(domain.KmsUri, userUri, cancellationToken).ConfigureAwait(false);
        return grants.Where(grant => Stands(grant, now) && period.Start < grant.ValidTo
            && grant.Issuer == requester.Issuer && (grant.Subject is null || grant.Subject == requester.Subject))
            .MaxBy(grant => grant.ValidTo);
    }
}

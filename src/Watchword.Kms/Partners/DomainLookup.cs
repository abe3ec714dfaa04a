namespace Watchword.Kms;

/// <summary>A KMS that keys a URI.</summary>
/// <param name="KmsUri">The KMS.</param>
/// <param name="Partner">Its record; null for the domain itself.</param>
public sealed record ResponsibleKms(string KmsUri, PartnerRecord? Partner);

/// <summary>Which KMS is responsible for a user or group URI (TS 33.180 D.2.7): found by the identity domains of the domain
/// itself and of its partners, the narrowest pattern first. A user of another domain who is migrated into this one is keyed by
/// it (TS 33.180 5.3.1) as long as his grant stands.</summary>
public sealed class DomainLookup
{
    private readonly IKmsStore _store;
    private readonly PartnerCertificates _certificates;
    private readonly MigrationGrants _grants;

    /// <summary>Looks up in a store, the lists of partners over it, and the grants in it.</summary>
    public DomainLookup(IKmsStore store, PartnerCertificates certificates, MigrationGrants grants)
    {
        _store = store;
        _certificates = certificates;
        _grants = grants;
    }

    /// <summary>The KMSs responsible for a URI.</summary>
    /// <param name="domain">The domain that is asked.</param>
    /// <param name="uri">A <c>sip:</c>, <c>sips:</c> or <c>tel:</c> URI.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>At least one: the domain itself first, for its own users and for those who are migrated into it; then partners in
    /// the order of their import.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.LookupUnknown"/>.</exception>
    public async Task<IReadOnlyList<ResponsibleKms>> FindAsync(
        string domain, string uri, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> own = await _store.FindGenerationsAsync(domain, cancellationToken).ConfigureAwait(false);
        PartnerList list = await _certificates.GetAsync(domain, cancellationToken).ConfigureAwait(false);
        List<(ResponsibleKms Kms, int Specificity)> found =
        [
            .. OwnIdentityDomains.Of(own).Where(pattern => pattern.Matches(uri))
                .Select(pattern => (new ResponsibleKms(domain, null), pattern.Specificity)),
        ];
        foreach (ListedCertificate listed in list.Usable)
        {
            found.AddRange(PatternsOf(listed).Where(pattern => pattern.Matches(uri))
                .Select(pattern => (new ResponsibleKms(listed.Record.KmsUri, listed.Record), pattern.Specificity)));
        }

        IEnumerable<ResponsibleKms> narrowest = found
            .Where(one => one.Specificity == found.Max(other => other.Specificity)).Select(one => one.Kms);
        if (await _grants.IsGuestAsync(domain, uri, cancellationToken).ConfigureAwait(false))
        {
            narrowest = narrowest.Prepend(new ResponsibleKms(domain, null));
        }

        ResponsibleKms[] responsible = [.. narrowest.DistinctBy(kms => kms.KmsUri)];
        return responsible.Length > 0 ? responsible : throw new KmsException(KmsError.LookupUnknown);
    }

    private static IEnumerable<IdentityDomainPattern> PatternsOf(ListedCertificate listed)
    {
        // A linked domain may name more domains with its next generation.
        IEnumerable<string> texts = listed.Record.IsLinked ? listed.Certificate.Domains : listed.Record.IdentityDomains;
        return texts.Select(IdentityDomainPattern.TryParse).OfType<IdentityDomainPattern>();
    }
}

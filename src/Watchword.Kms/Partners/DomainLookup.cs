namespace Watchword.Kms;

/// <summary>A KMS that keys a URI.</summary>
/// <param name="KmsUri">The KMS.</param>
/// <param name="Partner">Its record; null for the domain itself.</param>
public sealed record ResponsibleKms(string KmsUri, PartnerRecord? Partner);

/// <summary>Which KMS is responsible for a user or group URI (TS 33.180 D.2.7): found by the identity domains of the domain
/// itself and of its partners, the narrowest pattern first.</summary>
public sealed class DomainLookup
{
    private readonly IKmsStore _store;
    private readonly PartnerCertificates _certificates;

    /// <summary>Looks up in a store and the lists of partners over it.</summary>
    public DomainLookup(IKmsStore store, PartnerCertificates certificates)
    {
        _store = store;
        _certificates = certificates;
    }

    /// <summary>The KMSs responsible for a URI.</summary>
    /// <param name="domain">The domain that is asked.</param>
    /// <param name="uri">A <c>sip:</c>, <c>sips:</c> or <c>tel:</c> URI.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>At least one: the domain itself first, then partners in the order of their import.</returns>
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

        return found.Count == 0
            ? throw new KmsException(KmsError.LookupUnknown)
            : [.. found.Where(one => one.Specificity == found.Max(other => other.Specificity))
                .Select(one => one.Kms).DistinctBy(kms => kms.KmsUri)];
    }

    private static IEnumerable<IdentityDomainPattern> PatternsOf(ListedCertificate listed)
    {
        // A linked domain may name more domains with its next generation.
        IEnumerable<string> texts = listed.Record.IsLinked ? listed.Certificate.Domains : listed.Record.IdentityDomains;
        return texts.Select(IdentityDomainPattern.TryParse).OfType<IdentityDomainPattern>();
    }
}

using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>One certificate of a list: as clients get it, with the record behind it.</summary>
/// <param name="Record">The record of the partner.</param>
/// <param name="Certificate">Role External; its validity ends where another of the same KMS takes over; revoked where the record
/// is.</param>
public sealed record ListedCertificate(PartnerRecord Record, KmsCertificate Certificate);

/// <summary>What a client is told of partner certificates.</summary>
/// <param name="Number">The number of the list that they are of.</param>
/// <param name="Current">Those that may be used now, and revoked ones.</param>
/// <param name="Next">Those that may be used later.</param>
public sealed record PartnerAnswer(long Number, IReadOnlyList<KmsCertificate> Current, IReadOnlyList<KmsCertificate> Next);

/// <summary>The partner certificates of a domain under one number, the same on every node.</summary>
/// <param name="Version">The version.</param>
/// <param name="Certificates">In the order in which the partners were first imported; of one partner the one valid first comes
/// first. At any time at most one of a partner is valid.</param>
/// <param name="Partners">All records of the domain.</param>
public sealed record PartnerList(
    PartnerCacheVersion Version, IReadOnlyList<ListedCertificate> Certificates, IReadOnlyList<PartnerRecord> Partners)
{
    /// <summary>The certificates that may be used at the time of the list, one of each partner.</summary>
    public IEnumerable<ListedCertificate> Usable =>
        Certificates.Where(listed => listed.Certificate.IsUsableAt(Version.AsOf)).DistinctBy(listed => listed.Record.KmsUri);

    /// <summary>The answer with those certificates that are wanted.</summary>
    public PartnerAnswer Answer(Func<ListedCertificate, bool> isWanted)
    {
        ILookup<bool, KmsCertificate> found = Certificates.Where(isWanted).Select(listed => listed.Certificate)
            .ToLookup(certificate => certificate.ValidFrom > Version.AsOf);
        return new PartnerAnswer(Version.Number, [.. found[false]], [.. found[true]]);
    }

    /// <summary>Makes the list from what the store holds and nothing else, the clock included.</summary>
    internal static PartnerList Make(
        PartnerCacheVersion version, IReadOnlyList<PartnerRecord> records, IReadOnlyList<DomainRecord> generations)
    {
        List<ListedCertificate> listed = [];
        foreach (IGrouping<string, PartnerRecord> partner in records.GroupBy(record => record.KmsUri, StringComparer.Ordinal))
        {
            ListedCertificate[] all = [.. partner.SelectMany(record => CertificatesOf(record, generations))];
            ListedCertificate[] good = [.. InTurn(all.Where(found => !found.Certificate.Revoked && IsToCome(found, version.AsOf)))
                .Where(found => IsToCome(found, version.AsOf))];

            // Of a partner with nothing usable the last that was revoked, so that a client which only adds to its cache learns of
            // it. Beside a good one it would only confuse: both have the same KmsUri.
            listed.AddRange(good.Length > 0
                ? good
                : all.Where(found => found.Certificate.Revoked && IsToCome(found, version.AsOf)).TakeLast(1));
        }

        return new PartnerList(version, listed, records);
    }

    /// <summary>True if the certificate is valid now or later. One that was replaced before it began never is.</summary>
    private static bool IsToCome(ListedCertificate listed, DateTimeOffset asOf) =>
        listed.Certificate is var certificate && !(certificate.ValidTo < asOf) && !(certificate.ValidTo < certificate.ValidFrom);

    private static IEnumerable<ListedCertificate> CertificatesOf(PartnerRecord record, IReadOnlyList<DomainRecord> generations)
    {
        if (record.State is PartnerState.Pending or PartnerState.Rejected)
        {
            return [];
        }

        if (!record.IsLinked)
        {
            return [new ListedCertificate(record, PartnerCertificate.AsListed(record))];
        }

        // A link that has ended says nothing of the domain's keys. A generation that is only prepared is given ahead once it is
        // known from when it is valid: before, a client could not tell which of the two to use.
        return generations
            .Where(generation => record.State == PartnerState.Approved && generation.KmsUri == record.KmsUri
                && (generation.State != GenerationState.Prepared || generation.ValidFrom is not null))
            .Select(generation => new ListedCertificate(record, PartnerCertificate.AsListed(generation)));
    }

    /// <summary>By begin of validity, each ending where the next begins: who has several must not have to guess.</summary>
    private static List<ListedCertificate> InTurn(IEnumerable<ListedCertificate> certificates)
    {
        List<ListedCertificate> turn = [];
        foreach (ListedCertificate next in certificates
            .OrderBy(found => found.Certificate.ValidFrom ?? DateTimeOffset.MinValue))
        {
            if (turn.Count > 0)
            {
                ListedCertificate before = turn[^1];
                DateTimeOffset end = (next.Certificate.ValidFrom ?? DateTimeOffset.MinValue.AddMilliseconds(1))
                    .AddMilliseconds(-1);
                turn[^1] = before.Certificate.ValidTo <= end
                    ? before
                    : before with { Certificate = PartnerCertificate.Until(before.Certificate, end) };
            }

            turn.Add(next);
        }

        return turn;
    }
}

using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Which domain a KMS said that a URI belongs to.</summary>
internal sealed record KnownDomain(string Uri, string KmsUri, DateTimeOffset At);

/// <summary>When the KMS wants the next key set of an identity to be fetched.</summary>
internal sealed record PickUpHint(string UserUri, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>One thing that renewal has to do, and how it went so far. On disk, so that a restart rolls no new dice.</summary>
/// <param name="Name">What: a key set of an identity, period and certificate, or a certificate or cache to look after.</param>
/// <param name="DueAt">When it is to be done, or done again.</param>
/// <param name="ForgetAfter">When nobody asks for it any more.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="IsRefused">True if the KMS refused it: it is not asked for again.</param>
internal sealed record RenewalPlan(string Name, DateTimeOffset DueAt, DateTimeOffset ForgetAfter, int Failures = 0, bool IsRefused = false);

/// <content>What the second version added: partner domains, transport keys, renewal.</content>
internal sealed partial class StoreContent
{
    /// <summary>Certificates of partner domains, as the home KMS gave them.</summary>
    public List<StoredCertificate> PartnerCertificates { get; } = [];

    /// <summary>The number of the newest certificate cache that was taken over; null before the first.</summary>
    public long? PartnerCacheNumber { get; set; }

    public List<KnownDomain> KnownDomains { get; } = [];

    /// <summary>In the order of arrival; at most one pair of each state.</summary>
    public List<StoredTransportKeys> TransportKeys { get; } = [];

    public List<PickUpHint> PickUpHints { get; } = [];

    public List<RenewalPlan> Plans { get; } = [];

    private void WriteSecondVersion(StoreWriter writer)
    {
        writer.List(KeySets, k => writer.Number((long?)k.Info.Wrapping ?? -1));
        writer.List([.. Certificates.Where(c => c.IsAnnounced)], c => writer.Octets(c.Fingerprint));
        writer.List(PartnerCertificates, c =>
        {
            writer.Time(c.ReceivedAt);
            writer.Octets(c.ToOctets());
        });
        writer.Number(PartnerCacheNumber ?? -1);
        writer.List(KnownDomains, d =>
        {
            writer.Text(d.Uri);
            writer.Text(d.KmsUri);
            writer.Time(d.At);
        });
        writer.List(TransportKeys, k => k.WriteTo(writer));
        writer.List(PickUpHints, h =>
        {
            writer.Text(h.UserUri);
            writer.Time(h.NotBefore);
            writer.Time(h.NotAfter);
        });
        writer.List(Plans, p =>
        {
            writer.Text(p.Name);
            writer.Time(p.DueAt);
            writer.Time(p.ForgetAfter);
            writer.Number(p.Failures);
            writer.Number(p.IsRefused ? 1 : 0);
        });
    }

    private void ReadSecondVersion(StoreReader reader)
    {
        int index = 0;
        reader.List(() => NoteWrapping(index++, reader.Number()));
        reader.List(() => MarkAnnounced(reader.Octets()));
        reader.List(() =>
        {
            DateTimeOffset receivedAt = reader.Time();
            PartnerCertificates.Add(StoredCertificate.FromOctets(reader.Octets().ToArray(), receivedAt));
        });
        PartnerCacheNumber = reader.Number() switch
        {
            -1 => null,
            >= 0 and long number => number,
            _ => throw new FormatException("A cache number is negative."),
        };
        reader.List(() => KnownDomains.Add(new KnownDomain(NotEmpty(reader.Text()), NotEmpty(reader.Text()), reader.Time())));
        reader.List(() => TransportKeys.Add(StoredTransportKeys.Read(reader)));
        reader.List(() => PickUpHints.Add(new PickUpHint(NotEmpty(reader.Text()), reader.Time(), reader.Time())));
        reader.List(() => Plans.Add(ReadPlan(reader)));
    }

    private void NoteWrapping(int index, long wrapping)
    {
        if (index >= KeySets.Count || wrapping is < -1 or > int.MaxValue || (wrapping >= 0 && !Enum.IsDefined((KeyWrapProfile)wrapping)))
        {
            throw new FormatException("A wrapping is out of place.");
        }

        if (wrapping >= 0)
        {
            KeySets[index].NoteWrapping((KeyWrapProfile)wrapping);
        }
    }

    private void MarkAnnounced(ReadOnlySpan<byte> fingerprint)
    {
        foreach (StoredCertificate certificate in Certificates)
        {
            if (fingerprint.SequenceEqual(certificate.Fingerprint))
            {
                certificate.IsAnnounced = true;
                return;
            }
        }

        throw new FormatException("An announced KMS certificate is missing.");
    }

    private static RenewalPlan ReadPlan(StoreReader reader)
    {
        RenewalPlan plan = new(NotEmpty(reader.Text()), reader.Time(), reader.Time());
        long failures = reader.Number();
        return failures is >= 0 and <= int.MaxValue && reader.Number() is (0 or 1) and long refused
            ? plan with { Failures = (int)failures, IsRefused = refused == 1 }
            : throw new FormatException("A plan is out of range.");
    }
}

using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The answer to KMS CertCache and KMS Cert (TS 33.180 D.2.5, D.2.6, D.3): certificates of other domains, under a number that the client
/// names when it asks again. A cache that has not changed is answered with an empty list.
/// </summary>
public sealed class KmsCertCache : KmsMessage
{
    private static readonly ElementSet Content = new("SignedKmsCertificate*", "KmsCertificate*", "w:NextKmsCertificate*");

    /// <summary>Makes the message.</summary>
    public KmsCertCache(IReadOnlyList<KmsCertificate> certificates) => Certificates = certificates;

    /// <summary>The number of this state of the cache (<c>CacheNum</c>), or null.</summary>
    public long? CacheNumber { get; init; }

    /// <summary>
    /// The certificates in the order of the document. One that came as <c>SignedKmsCertificate</c> says so in
    /// <see cref="KmsCertificate.HasUnverifiedSignature"/>; written, all are plain.
    /// </summary>
    public IReadOnlyList<KmsCertificate> Certificates { get; }

    /// <summary>Certificates that become usable later (extension element <c>w:NextKmsCertificate</c>).</summary>
    public IReadOnlyList<KmsCertificate> NextCertificates { get; init; } = [];

    internal static KmsCertCache ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        long? number = reader.IntegerAttribute("CacheNum");
        List<KmsCertificate> certificates = [], next = [];
        ElementCursor child = new(reader, Content);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "KmsCertificate": certificates.Add(KmsCertificate.Read(reader)); break;
                case "SignedKmsCertificate": certificates.Add(KmsCertificate.ReadSigned(reader)); break;
                default: next.Add(KmsCertificate.ReadNext(reader)); break;
            }
        }

        return new KmsCertCache(certificates) { CacheNumber = number, NextCertificates = next };
    }

    internal override void Write(AnnexDWriter writer)
    {
        writer.Start("KmsCertCache");
        if (CacheNumber is { } number)
        {
            writer.Attribute("CacheNum", number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        writer.Attribute("Version", AnnexDNames.ResponseVersion);
        foreach (KmsCertificate certificate in Certificates)
        {
            certificate.Write(writer);
        }

        foreach (KmsCertificate certificate in NextCertificates)
        {
            certificate.WriteNext(writer);
        }

        writer.End();
    }
}

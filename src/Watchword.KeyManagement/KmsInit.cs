using Watchword.KeyManagement.Wrapping;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>The answer to KMS Initialize (D.2.3, D.3 of TS 33.180): the Root certificate of the client's own KMS.</summary>
public sealed class KmsInit : KmsMessage
{
    private static readonly ElementSet Content =
        new(
            "KmsCertificate", "SignedKmsCertificate", "NewTransportKey*", "NewIntegrityKey*", "w:NextKmsCertificate*", "w:MigrationKms*");

    /// <summary>Makes the message.</summary>
    public KmsInit(KmsCertificate certificate) => Certificate = certificate;

    /// <summary>The certificate.</summary>
    public KmsCertificate Certificate { get; }

    /// <summary>Certificates of the same KMS that become usable later (extension element <c>w:NextKmsCertificate</c>).</summary>
    public IReadOnlyList<KmsCertificate> NextCertificates { get; init; } = [];

    /// <summary>
    /// The KMSs of domains that the client may migrate to (5.3.1.2; extension element <c>w:MigrationKms</c>).
    /// </summary>
    public IReadOnlyList<KmsReference> MigrationServices { get; init; } = [];

    /// <summary>New transport keys for the client, wrapped under one that it holds (<c>NewTransportKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewTransportKeys { get; init; } = [];

    /// <summary>New integrity keys for the client, wrapped under a transport key that it holds (<c>NewIntegrityKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewIntegrityKeys { get; init; } = [];

    /// <inheritdoc/>
    public override bool HasNewKeys => NewTransportKeys.Count + NewIntegrityKeys.Count > 0;

    internal static KmsInit ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        KmsCertificate? certificate = null;
        NewKeyList newKeys = new();
        List<KmsCertificate> next = [];
        List<KmsReference> migration = [];
        ElementCursor child = new(reader, Content);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "KmsCertificate" or "SignedKmsCertificate" when certificate is not null:
                    throw reader.Fail(KeyManagementFormatFault.DuplicateElement);
                case "KmsCertificate": certificate = KmsCertificate.Read(reader); break;
                case "SignedKmsCertificate": certificate = KmsCertificate.ReadSigned(reader); break;
                case "w:NextKmsCertificate": next.Add(KmsCertificate.ReadNext(reader)); break;
                case "w:MigrationKms": migration.Add(KmsReference.Read(reader, KmsRelation.Migration)); break;
                default: newKeys.TryRead(reader, child.Current); break;
            }
        }

        if (certificate is null)
        {
            throw reader.Fail("KmsCertificate", KeyManagementFormatFault.MissingElement);
        }

        return new KmsInit(certificate)
        {
            NextCertificates = next,
            MigrationServices = migration,
            NewTransportKeys = newKeys.TransportKeys,
            NewIntegrityKeys = newKeys.IntegrityKeys,
        };
    }

    internal override void Write(AnnexDWriter writer)
    {
        writer.Start("KmsInit", AnnexDNames.ResponseVersion);
        if (HasNewKeys)
        {
            writer.Type("KmsInitTkIkType");
        }

        Certificate.Write(writer);
        foreach (KmsCertificate next in NextCertificates)
        {
            next.WriteNext(writer);
        }

        foreach (KmsReference service in MigrationServices)
        {
            service.Write(writer, "MigrationKms", withRelation: false);
        }

        NewKeyList.Write(writer, NewTransportKeys, NewIntegrityKeys);
        writer.End();
    }
}

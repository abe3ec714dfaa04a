using Watchword.KeyManagement.Wrapping;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>The answer to KMS Initialize (D.2.3, D.3 of TS 33.180): the Root certificate of the client's own KMS.</summary>
public sealed class KmsInit : KmsMessage
{
    private static readonly ElementSet Content =
        new("KmsCertificate", "SignedKmsCertificate", "NewTransportKey*", "NewIntegrityKey*");

    /// <summary>Makes the message.</summary>
    public KmsInit(KmsCertificate certificate) => Certificate = certificate;

    /// <summary>The certificate.</summary>
    public KmsCertificate Certificate { get; }

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
        ElementCursor child = new(reader, Content);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "KmsCertificate":
                    certificate = KmsCertificate.Read(reader);
                    break;
                case "SignedKmsCertificate":
                    throw reader.Fail(KeyManagementFormatFault.UnsupportedMessage);
                default:
                    newKeys.TryRead(reader, child.Current);
                    break;
            }
        }

        child.Require("KmsCertificate");
        return new KmsInit(certificate!)
        {
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
        NewKeyList.Write(writer, NewTransportKeys, NewIntegrityKeys);
        writer.End();
    }
}

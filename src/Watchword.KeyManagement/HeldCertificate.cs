using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// A KMS certificate that a client says it holds (extension element <c>w:HeldCertificates</c> of a KmsRequest), so that the KMS knows
/// who has a new one before it begins to use it.
/// </summary>
/// <param name="KmsUri">The KMS of the certificate.</param>
/// <param name="Fingerprint">Which of its certificates.</param>
public sealed record HeldCertificate(string KmsUri, KmsCertificateFingerprint Fingerprint)
{
    private static readonly ElementSet ListChildren = ElementSet.Of(AnnexDNames.Extension, "Certificate*");

    private static readonly ElementSet Children = ElementSet.Of(AnnexDNames.Extension, "KmsUri", "Fingerprint");

    internal static List<HeldCertificate> ReadList(AnnexDReader reader)
    {
        List<HeldCertificate> held = [];
        ElementCursor child = new(reader, ListChildren);
        while (child.MoveNext())
        {
            held.Add(Read(reader));
        }

        return held;
    }

    internal static void WriteList(AnnexDWriter writer, IReadOnlyList<HeldCertificate> held)
    {
        if (held.Count == 0)
        {
            return;
        }

        writer.StartForeign("w", "HeldCertificates");
        foreach (HeldCertificate certificate in held)
        {
            writer.StartForeign("w", "Certificate");
            writer.ForeignText("w", "KmsUri", certificate.KmsUri);
            writer.ForeignText("w", "Fingerprint", certificate.Fingerprint.ToHex());
            writer.End();
        }

        writer.End();
    }

    private static HeldCertificate Read(AnnexDReader reader)
    {
        string? kmsUri = null;
        KmsCertificateFingerprint? fingerprint = null;
        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            if (child.Current == "KmsUri")
            {
                kmsUri = reader.ReadUri();
            }
            else if (!KmsCertificateFingerprint.TryParse(reader.ReadString(), out fingerprint))
            {
                throw reader.Fail(KeyManagementFormatFault.InvalidValue);
            }
        }

        child.Require("KmsUri", "Fingerprint");
        return new HeldCertificate(kmsUri!, fingerprint!);
    }
}

using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>The KMS certificates of partners: as they come in, and as clients get them.</summary>
internal static class PartnerCertificate
{
    /// <summary>Longest document, in octets.</summary>
    private const int MaxOctets = 32 * 1024;

    /// <summary>A partner of an older release may write what ours does not know; what is known is checked all the same.</summary>
    private static readonly AnnexDReadOptions Options = new() { MaxOctets = MaxOctets, Lenient = true };

    /// <exception cref="KmsException"><see cref="KmsError.PartnerCertificateMalformed"/>.</exception>
    public static KmsCertificate Parse(ReadOnlyMemory<byte> document)
    {
        try
        {
            KmsCertificate certificate = KmsCertificate.Parse(document, Options);
            return certificate.Revoked || certificate.ValidTo < certificate.ValidFrom
                || certificate.KmsUri.Length is 0 or > DomainDescription.MaxKmsUriOctets
                ? throw new KmsException(KmsError.PartnerCertificateMalformed, "it is revoked, or its validity or KmsUri is none")
                : certificate;
        }
        catch (KeyManagementFormatException fault)
        {
            throw new KmsException(KmsError.PartnerCertificateMalformed, $"{fault.Fault} at {fault.ElementPath}", fault);
        }
    }

    public static byte[] FingerprintOf(KmsCertificate certificate) => certificate.ComputeFingerprint().Octets.ToArray();

    /// <summary>The certificate of an imported record for clients.</summary>
    public static KmsCertificate AsListed(PartnerRecord record)
    {
        KmsCertificate imported = Parse(record.Certificate);
        bool revoked = record.State == PartnerState.Revoked;
        DateTimeOffset? end = record.EndsAt?.AddMilliseconds(-1);
        return As(imported, !revoked && end is not null && !(imported.ValidTo <= end) ? end : imported.ValidTo, revoked);
    }

    /// <summary>The certificate of a generation of a linked domain for clients.</summary>
    public static KmsCertificate AsListed(DomainRecord generation) =>
        As(generation.ToCertificate(), generation.ValidTo, generation.State == GenerationState.Revoked, generation.ValidFrom);

    /// <summary>The same certificate with an earlier end.</summary>
    public static KmsCertificate Until(KmsCertificate certificate, DateTimeOffset end) =>
        As(certificate, end, certificate.Revoked);

    private static KmsCertificate As(
        KmsCertificate certificate, DateTimeOffset? validTo, bool revoked, DateTimeOffset? validFrom = null) => new()
    {
        Role = KmsCertificateRole.External,
        IsSecurityGateway = certificate.IsSecurityGateway,
        CertUri = certificate.CertUri,
        KmsUri = certificate.KmsUri,
        Issuer = certificate.Issuer,
        ValidFrom = validFrom ?? certificate.ValidFrom,
        ValidTo = validTo,
        Revoked = revoked,
        Schedule = certificate.Schedule,
        PublicEncryptionKey = certificate.PublicEncryptionKey,
        PublicAuthenticationKey = certificate.PublicAuthenticationKey,
        Domains = certificate.Domains,
    };
}

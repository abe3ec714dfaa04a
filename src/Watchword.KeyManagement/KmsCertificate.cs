using Watchword.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>The <c>Role</c> of a KMS certificate (TS 33.180 D.3.2).</summary>
public enum KmsCertificateRole
{
    /// <summary>
    /// The certificate of the client's own KMS; to be trusted only from a KmsInit over the authenticated channel.
    /// </summary>
    Root = 0,

    /// <summary>The certificate of another domain, for encrypting to and verifying from its users only.</summary>
    External = 1,
}

/// <summary>
/// A KMS certificate (TS 33.180 D.3.2): the public keys of a security domain and how it divides time. It is not an X.509
/// certificate and is not signed by itself: trust comes with the channel that delivers it.
/// </summary>
public sealed partial class KmsCertificate
{
    /// <summary>RFC 6509 parameter set 1: the only one defined, and the meaning of an absent <c>ParameterSet</c>.</summary>
    public const int SupportedParameterSet = 1;

    /// <summary>Whose certificate it is for the client that receives it.</summary>
    public KmsCertificateRole Role { get; init; }

    /// <summary>True if the domain is behind a security gateway; null if the attribute is absent (releases 14 and 15).</summary>
    public bool? IsSecurityGateway { get; init; }

    /// <summary>Identifies this certificate, or null.</summary>
    public string? CertUri { get; init; }

    /// <summary>The KMS identifier, P2 of every UID of the domain: octet by octet, never normalised.</summary>
    public required string KmsUri { get; init; }

    /// <summary>Free text naming the issuer, or null.</summary>
    public string? Issuer { get; init; }

    /// <summary>Not to be used before this time, or null.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Not to be used after this time, or null.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>True if the certificate must not be used any more.</summary>
    public bool Revoked { get; init; }

    /// <summary>How UIDs are made: always <c>2</c>, the derivation of F.2.1.</summary>
    public string UserIdFormat { get; } = UserId.Format;

    /// <summary>Length and offset of the key periods (<c>UserKeyPeriod</c>, <c>UserKeyOffset</c>).</summary>
    public required KeyPeriodSchedule Schedule { get; init; }

    /// <summary>Z_T, the key to encrypt to the domain's users (<c>PubEncKey</c>, 257 octets).</summary>
    public required SakkePublicKey PublicEncryptionKey { get; init; }

    /// <summary>KPAK, the key to verify the domain's users (<c>PubAuthKey</c>, 65 octets).</summary>
    public required EccsiPublicKey PublicAuthenticationKey { get; init; }

    /// <summary>The parameter set of RFC 6509: always 1.</summary>
    public int ParameterSet { get; } = SupportedParameterSet;

    /// <summary>The domains that the KMS serves (<c>KmsDomainList</c>); empty if it names none.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>
    /// True if it came as <c>SignedKmsCertificate</c> with a signature. Nobody has checked that signature: trust still comes with the
    /// channel.
    /// </summary>
    public bool HasUnverifiedSignature { get; private set; }

    /// <summary>The fingerprint, to compare the certificate with one that came another way.</summary>
    public KmsCertificateFingerprint ComputeFingerprint() => KmsCertificateFingerprint.Of(this);

    /// <summary>The UID of a user of this domain in a key period.</summary>
    /// <exception cref="ArgumentException">See <see cref="UserId.Compute"/>.</exception>
    public UserId UserIdFor(string userUri, long periodNumber) => UserId.Compute(userUri, KmsUri, Schedule, periodNumber);

    /// <summary>The key period that contains a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time lies before period 0.</exception>
    public KeyPeriod PeriodAt(DateTimeOffset time) => Schedule.At(time);

    /// <summary>
    /// True if the certificate is not revoked and <paramref name="time"/> lies in its validity, both ends included.
    /// </summary>
    public bool IsUsableAt(DateTimeOffset time) =>
        !Revoked && (ValidFrom is null || ValidFrom <= time) && (ValidTo is null || time <= ValidTo);
}

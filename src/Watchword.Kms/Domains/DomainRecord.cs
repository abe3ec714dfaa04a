using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>The public facts of one generation of a security domain, as the store keeps them: one KMS certificate. All records of
/// one KMS URI are the domain. The master secrets are in custody, never here.</summary>
public sealed record DomainRecord
{
    /// <summary>The KMS URI, P2 of every UID (TS 33.180 F.2.1).</summary>
    public required string KmsUri { get; init; }

    /// <summary>The generation, 1 for the first.</summary>
    public required int Generation { get; init; }

    /// <summary>Whose master secrets it uses: a changed schedule is a new generation with the secrets of an earlier
    /// one.</summary>
    public required int SecretsGeneration { get; init; }

    /// <summary>How the domain divides time.</summary>
    public required KeyPeriodSchedule Schedule { get; init; }

    /// <summary>KPAK, 65 octets.</summary>
    public required byte[] PublicAuthenticationKey { get; init; }

    /// <summary>Z_T, 257 octets.</summary>
    public required byte[] PublicEncryptionKey { get; init; }

    /// <summary>Names the KMS certificate, or null.</summary>
    public string? CertUri { get; init; }

    /// <summary>Free text naming the issuer, or null.</summary>
    public string? Issuer { get; init; }

    /// <summary>The domains served.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>True if the lab made the domain: a production start refuses it.</summary>
    public bool IsLabData { get; init; }

    /// <summary>From when its KMS certificate is valid; null for always.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when its KMS certificate is valid; null for ever.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>Where it stands in its life.</summary>
    public required GenerationState State { get; init; }

    /// <summary>When it was created, in whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it came into <see cref="State"/>, in whole milliseconds.</summary>
    public required DateTimeOffset StateChangedAt { get; init; }

    /// <summary>True if its validity has the instant: from <see cref="ValidFrom"/>, before <see cref="ValidTo"/>.</summary>
    public bool Covers(DateTimeOffset time) =>
        (ValidFrom is not { } from || from <= time) && (ValidTo is not { } to || time < to);

    /// <summary>The KMS certificate that init gives to the domain's own users (D.3.2).</summary>
    /// <exception cref="CryptographicException">The octets are no public keys.</exception>
    public KmsCertificate ToCertificate() => new()
    {
        Role = KmsCertificateRole.Root,
        CertUri = CertUri,
        KmsUri = KmsUri,
        Issuer = Issuer,
        ValidFrom = ValidFrom,
        ValidTo = ValidTo,
        Revoked = State == GenerationState.Revoked,
        Schedule = Schedule,
        PublicEncryptionKey = SakkePublicKey.Import(PublicEncryptionKey),
        PublicAuthenticationKey = EccsiPublicKey.Import(PublicAuthenticationKey),
        Domains = Domains,
    };
}

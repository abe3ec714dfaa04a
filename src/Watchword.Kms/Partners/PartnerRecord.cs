namespace Watchword.Kms;

/// <summary>What another KMS is to the users of a domain (TS 33.180 5.3.1). The numbers are those of the store.</summary>
public enum PartnerKind
{
    /// <summary>Only its certificate is known: to encrypt to its users and to verify them.</summary>
    External = 0,

    /// <summary>Its domain may take the domain's users in for a time, and then issues keys to them too.</summary>
    Migration = 1,
}

/// <summary>Where a partner's KMS certificate stands. The numbers are those of the store and never change.</summary>
public enum PartnerState
{
    /// <summary>Imported; nobody is given it.</summary>
    Pending = 0,

    /// <summary>Given to the domain's clients within its validity.</summary>
    Approved = 1,

    /// <summary>Another certificate of the same KMS takes its place at <see cref="PartnerRecord.EndsAt"/>.</summary>
    Replaced = 2,

    /// <summary>Nobody may use it any more; clients are told.</summary>
    Revoked = 3,

    /// <summary>Withdrawn before it was approved.</summary>
    Rejected = 4,
}

/// <summary>
/// One KMS certificate of another security domain, as a domain of this installation knows it. Another certificate of the same KMS
/// is another record; none is ever removed.
/// </summary>
public sealed record PartnerRecord
{
    /// <summary>Number of the record in the store; 0 before it is there.</summary>
    public long Id { get; init; }

    /// <summary>KMS URI of the domain of this installation whose partner it is.</summary>
    public required string Domain { get; init; }

    /// <summary>KMS URI of the partner.</summary>
    public required string KmsUri { get; init; }

    /// <summary>What the partner is to the domain's users.</summary>
    public required PartnerKind Kind { get; init; }

    /// <summary>Where the certificate stands.</summary>
    public required PartnerState State { get; init; }

    /// <summary>True if the partner is a domain of this installation: its certificates are those of its generations.</summary>
    public bool IsLinked { get; init; }

    /// <summary>The KMS certificate as it was imported; empty for a linked domain.</summary>
    public ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary>Fingerprint of the certificate, 32 octets; empty for a linked domain.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>https URL of a migration KMS, without path; null if it is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The identity domains whose users the partner keys: what its certificate names and what was given at the
    /// import. See <see cref="IdentityDomainPattern"/>.</summary>
    public IReadOnlyList<string> IdentityDomains { get; init; } = [];

    /// <summary>From when the certificate is valid; null for always.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when the certificate is valid, this time included; null for ever.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it was revoked, or when another takes its place: from this time on it is not used. Null while neither is the
    /// case.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The record whose place this one takes when it is approved, or null.</summary>
    public long? Replaces { get; init; }

    /// <summary>Who imported it.</summary>
    public required Authority ImportedBy { get; init; }

    /// <summary>When it was imported, in whole milliseconds.</summary>
    public required DateTimeOffset ImportedAt { get; init; }
}

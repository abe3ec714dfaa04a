namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>One KMS certificate of another security domain, or the link to another domain of this installation.</summary>
internal sealed class PartnerRow
{
    public long Id { get; init; }

    public required string Domain { get; init; }

    public required string KmsUri { get; init; }

    public PartnerKind Kind { get; init; }

    public PartnerState State { get; set; }

    public bool IsLinked { get; init; }

    public required byte[] Certificate { get; init; }

    public required byte[] Fingerprint { get; init; }

    public string? Address { get; init; }

    /// <summary>A JSON array.</summary>
    public required string IdentityDomains { get; init; }

    /// <summary>Milliseconds since 1970, or null for always.</summary>
    public long? ValidFrom { get; init; }

    /// <summary>Milliseconds since 1970, or null for ever.</summary>
    public long? ValidTo { get; init; }

    /// <summary>Milliseconds since 1970, or null.</summary>
    public long? EndsAt { get; set; }

    public long? Replaces { get; init; }

    public required string ImporterIssuer { get; init; }

    public required string ImporterSubject { get; init; }

    public required string ImporterRole { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long ImportedAt { get; init; }
}

/// <summary>One act on a partner.</summary>
internal sealed class PartnerActRow
{
    public long Id { get; init; }

    public required string Domain { get; init; }

    public long PartnerId { get; init; }

    public PartnerActKind Kind { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string Role { get; init; }

    public string? Reason { get; init; }

    public long CacheNumber { get; init; }
}

/// <summary>The version of a domain's list of partner certificates.</summary>
internal sealed class PartnerCacheRow
{
    public required string Domain { get; init; }

    public long Number { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long AsOf { get; set; }

    /// <summary>Milliseconds since 1970, or null for never.</summary>
    public long? NextChange { get; set; }
}

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>One generation of a security domain.</summary>
internal sealed class DomainRow
{
    public required string KmsUri { get; init; }

    public int Generation { get; init; }

    public int SecretsGeneration { get; init; }

    public long PeriodSeconds { get; init; }

    public long OffsetSeconds { get; init; }

    public required byte[] PublicAuthenticationKey { get; init; }

    public required byte[] PublicEncryptionKey { get; init; }

    public string? CertUri { get; init; }

    public string? Issuer { get; init; }

    /// <summary>The domains served, a JSON array.</summary>
    public required string Domains { get; init; }

    public bool IsLabData { get; init; }

    /// <summary>Milliseconds since 1970, or null for always.</summary>
    public long? ValidFrom { get; set; }

    /// <summary>Milliseconds since 1970, or null for ever.</summary>
    public long? ValidTo { get; set; }

    public GenerationState State { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long StateChangedAt { get; set; }
}

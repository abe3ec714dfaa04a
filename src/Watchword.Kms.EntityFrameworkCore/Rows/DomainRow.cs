namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A security domain: one row today.</summary>
internal sealed class DomainRow
{
    public required string KmsUri { get; init; }

    public int Generation { get; init; }

    public long PeriodSeconds { get; init; }

    public long OffsetSeconds { get; init; }

    public required byte[] PublicAuthenticationKey { get; init; }

    public required byte[] PublicEncryptionKey { get; init; }

    public string? CertUri { get; init; }

    public string? Issuer { get; init; }

    /// <summary>The domains served, a JSON array.</summary>
    public required string Domains { get; init; }

    public bool IsLabData { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreatedAt { get; init; }
}

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>That a domain may key an identity of another one for a time.</summary>
internal sealed class MigrationGrantRow
{
    public long Id { get; init; }

    public required string Domain { get; init; }

    public required string UserUri { get; init; }

    public required string Issuer { get; init; }

    public string? Subject { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long ValidFrom { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long ValidTo { get; init; }

    public required string GranterIssuer { get; init; }

    public required string GranterSubject { get; init; }

    public required string GranterRole { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long GrantedAt { get; init; }

    /// <summary>Milliseconds since 1970, or null while it stands.</summary>
    public long? RevokedAt { get; set; }
}

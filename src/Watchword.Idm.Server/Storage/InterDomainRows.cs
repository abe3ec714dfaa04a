namespace Watchword.Idm.Server.Storage;

/// <summary>A user of a primary IdM server who was given an access token here. Whether he is blocked says his
/// <see cref="SubjectRecord"/>.</summary>
public sealed class ForeignSubject
{
    /// <summary>His <c>sub</c> in tokens of this server.</summary>
    public required string Subject { get; init; }

    /// <summary>The primary IdM server.</summary>
    public required string Issuer { get; init; }

    /// <summary>His <c>sub</c> there.</summary>
    public required string IssuerSubject { get; init; }

    /// <summary>MCPTT ID of the newest grant.</summary>
    public string? McpttId { get; set; }

    /// <summary>MCVideo ID of the newest grant.</summary>
    public string? McVideoId { get; set; }

    /// <summary>MCData ID of the newest grant.</summary>
    public string? McDataId { get; set; }

    /// <summary>When he was first given a token.</summary>
    public required DateTimeOffset FirstGrantAt { get; init; }

    /// <summary>When he was last given a token.</summary>
    public required DateTimeOffset LastGrantAt { get; set; }
}

/// <summary>A primary IdM server whose security tokens are not taken for now.</summary>
public sealed class BlockedPrimary
{
    /// <summary>Its issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset BlockedAt { get; init; }
}

/// <summary>A security token that was redeemed: it is refused the second time (RFC 7523 §3, item 7).</summary>
public sealed class RedeemedSecurityToken
{
    /// <summary>Who issued it.</summary>
    public required string Issuer { get; init; }

    /// <summary>Its <c>jti</c>, or SHA-256 of what was signed.</summary>
    public required string Name { get; init; }

    /// <summary>When it has expired and the row may go.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

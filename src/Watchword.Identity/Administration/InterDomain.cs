using System.Text.Json.Serialization;

namespace Watchword.Identity.Administration;

/// <summary>A user of a primary IdM server who was given a token by this one.</summary>
public sealed class ForeignSubjectView
{
    /// <summary>His <c>sub</c> in tokens of this server.</summary>
    public required string Subject { get; init; }

    /// <summary>The primary IdM server.</summary>
    public required string Issuer { get; init; }

    /// <summary>His <c>sub</c> there.</summary>
    public required string IssuerSubject { get; init; }

    /// <summary>MCPTT ID of the newest grant.</summary>
    public string? McpttId { get; init; }

    /// <summary>MCVideo ID of the newest grant.</summary>
    public string? McvideoId { get; init; }

    /// <summary>MCData ID of the newest grant.</summary>
    public string? McdataId { get; init; }

    /// <summary>When he was first given a token.</summary>
    public required DateTimeOffset FirstGrantAt { get; init; }

    /// <summary>When he was last given a token.</summary>
    public required DateTimeOffset LastGrantAt { get; init; }

    /// <summary>True if he is given none any more.</summary>
    public required bool Blocked { get; init; }
}

/// <summary>A primary IdM server.</summary>
public sealed class PrimaryServerView
{
    /// <summary>Its issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>True if its security tokens are refused.</summary>
    public required bool Blocked { get; init; }
}

/// <summary>Names a primary IdM server: <c>POST /admin/v1/primary-servers/block</c> and <c>/unblock</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class PrimaryServerName
{
    /// <summary>Its issuer.</summary>
    public required string Issuer { get; init; }
}

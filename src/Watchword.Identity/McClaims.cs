namespace Watchword.Identity;

/// <summary>Claim names of TS 33.180 B.2.1 and B.2.2, with those of RFC 7519 that the profile uses.</summary>
public static class McClaims
{
    /// <summary>MCPTT ID of the user.</summary>
    public const string McpttId = "mcptt_id";

    /// <summary>MCVideo ID of the user.</summary>
    public const string McVideoId = "mcvideo_id";

    /// <summary>MCData ID of the user.</summary>
    public const string McDataId = "mcdata_id";

    /// <summary>URI of a network entity (MCX server, group management server) that authenticated by client credentials; ours.</summary>
    public const string EntityUri = "mcx_entity_uri";

    /// <summary>Granted scopes, one string, separated by spaces.</summary>
    public const string Scope = "scope";

    /// <summary>The client that the token was issued to.</summary>
    public const string ClientId = "client_id";

    /// <summary>The claim that carries the MC service ID of <paramref name="service"/>.</summary>
    public static string For(McService service) => service switch
    {
        McService.Mcptt => McpttId,
        McService.McVideo => McVideoId,
        McService.McData => McDataId,
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };
}

/// <summary>Authentication context classes of TS 33.180 B.4.2.2.</summary>
public static class McAuthenticationContexts
{
    /// <summary>User name and password; must be supported by every IdM server.</summary>
    public const string Password = "3gpp:acr:password";
}

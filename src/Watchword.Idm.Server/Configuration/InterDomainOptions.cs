namespace Watchword.Idm.Server.Configuration;

/// <summary>A partner IdM server, for which users of this one get security tokens (TS 33.180 B.7.2).</summary>
public sealed class PartnerServerOptions
{
    /// <summary>Its address: the https URI that clients send as <c>resource</c> and that stands in <c>aud</c>.</summary>
    public string Resource { get; set; } = string.Empty;

    /// <summary>The services whose MC service IDs it may be told: <c>mcptt</c>, <c>mcvideo</c>, <c>mcdata</c>.</summary>
    public List<string> Services { get; set; } = [];

    /// <summary>Lifetime of a security token, 30 seconds to 1 hour; it never outlives the access token that it was made
    /// of.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary><c>ES256</c> or <c>RS256</c>.</summary>
    public string SigningAlgorithm { get; set; } = "ES256";

    /// <summary>Value of <c>typ</c>. Servers of other makers know <c>JWT</c>.</summary>
    public string TokenType { get; set; } = "JWT";
}

/// <summary>A primary IdM server, whose security tokens this one takes (TS 33.180 B.7.4).</summary>
public sealed class PrimaryServerOptions
{
    /// <summary>Its issuer, exactly as it stands in <c>iss</c>.</summary>
    public string Issuer { get; set; } = string.Empty;

    /// <summary>File with its public keys, a JWK set; read again when it changes. One of three.</summary>
    public string? JwksFile { get; set; }

    /// <summary>https address of its JWK set. One of three.</summary>
    public string? JwksUri { get; set; }

    /// <summary>https address of its metadata, which must name this issuer. One of three.</summary>
    public string? MetadataAddress { get; set; }

    /// <summary>PEM file with the only CA certificates trusted for those addresses; without it the system's are.</summary>
    public string? CaFile { get; set; }

    /// <summary>Algorithms that it signs with; without any <c>ES256</c> and <c>RS256</c>. Also possible: <c>PS256</c>.</summary>
    public List<string> Algorithms { get; set; } = [];

    /// <summary>The identity domains of its users: host names in lower case, or <c>tel:</c>.</summary>
    public List<string> IdentityDomains { get; set; } = [];

    /// <summary>The scopes that its users may have here.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>The longest time a security token may still live when it is presented, 30 seconds to 1 hour.</summary>
    public TimeSpan LongestTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Lifetime of access tokens for its users, 30 seconds to 1 hour, and at most that for own users.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);
}

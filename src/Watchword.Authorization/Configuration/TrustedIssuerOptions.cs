namespace Watchword.Authorization;

/// <summary>One trusted IdM server: where its keys are and which identities it may assert.</summary>
public sealed class TrustedIssuerOptions
{
    /// <summary>The exact value of <c>iss</c>.</summary>
    public string Issuer { get; set; } = string.Empty;

    /// <summary>
    /// https address of the discovery document, whose <c>issuer</c> must equal <see cref="Issuer"/>. One of three key sources.
    /// </summary>
    public string? MetadataAddress { get; set; }

    /// <summary>https address of the JWK set. One of three key sources.</summary>
    public string? JwksUri { get; set; }

    /// <summary>File with the JWK set; read again when it is due or a <c>kid</c> is unknown. One of three key sources.</summary>
    public string? JwksFile { get; set; }

    /// <summary>PEM file with the only CA certificates trusted for fetching; without it the system's CAs are.</summary>
    public string? CaFile { get; set; }

    /// <summary>
    /// Identity domains that this issuer may assert: host names as in <c>sip:user@host</c>, and <c>tel:</c> for telephone
    /// numbers. A token with an identity of any other domain is refused whole.
    /// </summary>
    public List<string> IdentityDomains { get; set; } = [];

    /// <summary>
    /// The network entities that this issuer may assert, exact URIs. Empty: any entity of <see cref="IdentityDomains"/>.
    /// No user's MC service ID may be one of them.
    /// </summary>
    public List<string> EntityUris { get; set; } = [];

    /// <summary>Accepts tokens without <c>aud</c>: other makers' IdM servers need not send it (TS 33.180 B.2.2.2).</summary>
    public bool AcceptMissingAudience { get; set; }

    /// <summary>
    /// How the issuer's security events are used. There is no default: an issuer that sends none is named as such, with the
    /// policy <see cref="SilencePolicy.Off"/>.
    /// </summary>
    public SecurityEventOptions? SecurityEvents { get; set; }

    /// <summary>JWS algorithms accepted, out of <c>ES256</c> and <c>RS256</c>. Empty: both.</summary>
    public List<string> Algorithms { get; set; } = [];
}

namespace Watchword.Hosting;

/// <summary>
/// The section <c>AssertedIdentity</c> of a server: listeners on which a network entity may be authenticated by
/// <c>X-3GPP-Asserted-Identity</c> (TS 24.482 A.2.3). Without the section that header is ignored everywhere.
/// </summary>
public sealed class AssertedIdentityOptions
{
    /// <summary>Where to listen for these peers and nobody else: https URLs, none of them also one of the ordinary listeners.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>Who may connect there.</summary>
    public List<AssertedIdentityPeerOptions> Peers { get; set; } = [];
}

/// <summary>A peer: the HTTP proxy, or a network entity that connects by itself.</summary>
public sealed class AssertedIdentityPeerOptions
{
    /// <summary>SHA-256 of its client certificate in DER, 64 hexadecimal digits.</summary>
    public string Thumbprint { get; set; } = string.Empty;

    /// <summary>The URIs that it may assert, compared octet by octet.</summary>
    public List<string> EntityUris { get; set; } = [];
}

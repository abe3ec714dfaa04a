using Watchword.Identity;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>Which MCX server a client is authorised at, and how its messages are protected.</summary>
public sealed record ServiceAuthorizationOptions
{
    /// <summary>MCPTT, MCVideo or MCData.</summary>
    public required McService Service { get; init; }

    /// <summary>The PSI of the participating function that serves the user, the Request-URI (TS 24.379 7.2.2).</summary>
    public required string ServerUri { get; init; }

    /// <summary>The MDSI, to which the CSK is encrypted (TS 33.180 5.4). Some servers take it under their PSI.</summary>
    public required string McxDomainUri { get; init; }

    /// <summary>The public user identity in the SIP core (IMPU).</summary>
    public required string PublicUserIdentity { get; init; }

    /// <summary>The MC client ID of this client, <c>urn:uuid:...</c>, the same for as long as the client lives.</summary>
    public required string ClientId { get; init; }

    /// <summary>
    /// Whether token, client ID and URIs are encrypted; on unless the configuration says otherwise (TS 24.484 8.4.2.6).
    /// </summary>
    public bool EncryptsValues { get; init; } = true;

    /// <summary>Whether bodies are signed; on unless the configuration says otherwise (TS 24.484 8.4.2.6).</summary>
    public bool SignsBodies { get; init; } = true;

    /// <summary>How the CSK-ID enters the derivation of signalling keys (TS 33.180 F.1.4).</summary>
    public XpkIdForm XpkIdForm { get; init; } = XpkIdForm.Octets;

    /// <summary>How long the publication is to last, in seconds; the largest number unless set (TS 24.379 7.2.2).</summary>
    public uint ExpiresSeconds { get; init; } = uint.MaxValue;

    internal bool IsProtected => EncryptsValues || SignsBodies;
}

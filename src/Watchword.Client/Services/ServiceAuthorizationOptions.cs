using System.Security.Cryptography.X509Certificates;
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

    /// <summary>
    /// How long a CSK is used before another takes its place; null for as long as the authorisation stands (TS 33.180 9.2.1.2).
    /// </summary>
    public TimeSpan? CskLifetime { get; init; }

    /// <summary>How long before the end of a CSK <see cref="ServiceAuthorizationClient.KeepAsync"/> makes another; 5 minutes unless
    /// set.</summary>
    public TimeSpan CskRenewalMargin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The X.509 certificates that signers of KMS redirect responses are trusted by: of their issuers, or their own
    /// (TS 33.180 D.4.2). None unless set: then no redirect response is followed. The caller keeps and disposes them.
    /// </summary>
    public IReadOnlyCollection<X509Certificate2> RedirectSigners { get; init; } = [];

    internal bool IsProtected => EncryptsValues || SignsBodies;
}

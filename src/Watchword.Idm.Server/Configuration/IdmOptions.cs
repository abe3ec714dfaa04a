using Watchword.Hosting;
using Watchword.Identity;

namespace Watchword.Idm.Server.Configuration;

/// <summary>The configuration section <c>Idm</c>.</summary>
public sealed class IdmOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Idm";

    /// <summary>Where the database and the sealed signing keys are kept.</summary>
    public string DataDirectory { get; set; } = string.Empty;

    /// <summary>
    /// The https URL that stands in <c>iss</c>, exactly as written here. Port 0 takes the port that was bound, for a server that
    /// listens on a free port.
    /// </summary>
    public string Issuer { get; set; } = string.Empty;

    /// <summary>Addresses to listen on: <c>https://address:port</c>; port 0 takes a free one.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>How long the server listens on after it was told to stop, not ready any more, in seconds, 0 to 300.</summary>
    public int DrainSeconds { get; set; }

    /// <summary>Certificate and key of the listeners.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>How the key that seals the signing keys is kept.</summary>
    public CustodyOptions Custody { get; set; } = new();

    /// <summary>The identity domains that this issuer may assert: host names in lower case, or <c>tel:</c>.</summary>
    public List<string> IdentityDomains { get; set; } = [];

    /// <summary>The resource servers, with the scopes that each serves; they decide the <c>aud</c> of a token.</summary>
    public List<ResourceServerOptions> ResourceServers { get; set; } = [];

    /// <summary>Lifetime of access and ID tokens; revocation is by expiry (B.12), so keep it short.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Lifetime of an authorization code.</summary>
    public TimeSpan AuthorizationCodeLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Lifetime of a refresh token; each refresh gives a new one.</summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a generation of signing keys is active.</summary>
    public TimeSpan SigningKeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long before its first use a new generation is published in the JWKS.</summary>
    public TimeSpan SigningKeyAnnouncement { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long acknowledged security events are kept, in case a resource server that was restored asks for them
    /// again.</summary>
    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>True to let one account hold several roles at the admin API of the KMS.</summary>
    public bool AllowCombinedKmsRoles { get; set; }

    /// <summary>The partner IdM servers, for which users of this one get security tokens (TS 33.180 B.7.2).</summary>
    public List<PartnerServerOptions> PartnerServers { get; set; } = [];

    /// <summary>The primary IdM servers, whose users get access tokens here for security tokens (TS 33.180 B.7.4).</summary>
    public List<PrimaryServerOptions> PrimaryServers { get; set; } = [];

    /// <summary>Addresses, beside the issuer, by which security tokens may name this server in <c>aud</c>.</summary>
    public List<string> SecurityTokenAudiences { get; set; } = [];

    /// <summary>Log-in, lock-out and passwords.</summary>
    public LogInOptions LogIn { get; set; } = new();

    /// <summary>What is tolerated of clients that are not quite to the profile.</summary>
    public CompatibilityOptions Compatibility { get; set; } = new();
}

/// <summary>Exactly one of the two.</summary>
public sealed class CustodyOptions
{
    /// <summary>A file of 32 octets, or 64 hexadecimal digits, readable by its owner alone. Initialisation makes it if it is
    /// missing.</summary>
    public string? KeyEncryptionKeyFile { get; set; }

    /// <summary>A file with a passphrase of at least 12 characters, readable by its owner alone.</summary>
    public string? PassphraseFile { get; set; }
}

/// <summary>One resource server.</summary>
public sealed class ResourceServerOptions
{
    /// <summary>Its value in <c>aud</c>.</summary>
    public string Audience { get; set; } = string.Empty;

    /// <summary>The scopes that it serves.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>Where it takes security events; null if it takes none.</summary>
    public EventReceiverOptions? Events { get; set; }
}

/// <summary>
/// A resource server that takes security events (RFC 8935). It knows them by their signature; how the connection itself is
/// authenticated, beside TLS, is up to it.
/// </summary>
public sealed class EventReceiverOptions
{
    /// <summary>The https URL that events are posted to.</summary>
    public string Endpoint { get; set; } = string.Empty;

    /// <summary>PEM file with the only CA certificates trusted for it; without it the system's are.</summary>
    public string? CaFile { get; set; }

    /// <summary>Time between two heartbeats, 200 ms to 10 minutes: well below what the resource server takes for
    /// silence.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit of one delivery, 100 ms to 1 minute.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary><c>ES256</c> or <c>RS256</c>.</summary>
    public string SigningAlgorithm { get; set; } = "ES256";

    /// <summary>PEM file with a client certificate for mutual TLS; with <see cref="ClientKeyFile"/>.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file with the key of that certificate, readable by its owner alone.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>File with a bearer credential, readable by its owner alone; read at every delivery.</summary>
    public string? BearerTokenFile { get; set; }
}

/// <summary>Log-in, lock-out and passwords.</summary>
public sealed class LogInOptions
{
    /// <summary>After this many failures in a row the account is locked.</summary>
    public int MaxFailures { get; set; } = 5;

    /// <summary>How long it is locked.</summary>
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Shortest password that may be set.</summary>
    public int MinimumPasswordLength { get; set; } = 10;

    /// <summary>Iterations of PBKDF2 with HMAC-SHA-512.</summary>
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>The name of the service on the log-in page.</summary>
    public string ServiceName { get; set; } = "Watchword";
}

/// <summary>What is tolerated of clients that are not quite to the profile.</summary>
public sealed class CompatibilityOptions
{
    /// <summary>
    /// True refuses an authentication request without <c>acr_values</c>, which TS 33.180 B.4.2.2 requires. The default accepts
    /// it, because general OpenID Connect clients leave it out; one that names no class of ours is refused in any case.
    /// </summary>
    public bool RequireAcrValues { get; set; }

    /// <summary>
    /// True (the default) gives a refresh token with every code grant; false only where the client asked for
    /// <see cref="McScopes.OfflineAccess"/>, which deployed MC clients leave out.
    /// </summary>
    public bool RefreshTokenWithoutOfflineAccess { get; set; } = true;

    /// <summary>Until when a request without <c>openid</c> is read as if it had it; null (the default) refuses it.</summary>
    public DateTimeOffset? AcceptMissingOpenIdUntil { get; set; }

    /// <summary>Until when the scopes of TS 33.179 (R13) are read as those of TS 33.180; null (the default) ignores
    /// them.</summary>
    public DateTimeOffset? AcceptRelease13ScopesUntil { get; set; }
}

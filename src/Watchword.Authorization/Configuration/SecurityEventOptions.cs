namespace Watchword.Authorization;

/// <summary>What is done with a token of an issuer of which neither events nor introspection told anything for too
/// long.</summary>
public enum SilencePolicy
{
    /// <summary>It is refused with 503.</summary>
    Refuse = 0,

    /// <summary>It passes, counted and logged.</summary>
    Allow = 1,

    /// <summary>The issuer sends no events: none are taken, and tokens are good until they expire.</summary>
    Off = 2,
}

/// <summary>How the security events of one issuer are used.</summary>
public sealed class SecurityEventOptions
{
    /// <summary>What silence means.</summary>
    public SilencePolicy Policy { get; set; } = SilencePolicy.Refuse;

    /// <summary>
    /// How old the latest word may be that nothing is missing, 1 second to 1 day; at least three heartbeats. The issuer's clock
    /// and this one count against each other.
    /// </summary>
    public TimeSpan MaxSilence { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the issuer is asked about a token once it has been silent for too long; null asks nobody.</summary>
    public IntrospectionOptions? Introspection { get; set; }
}

/// <summary>Introspection at an issuer (RFC 7662).</summary>
public sealed class IntrospectionOptions
{
    /// <summary>https address of the introspection endpoint.</summary>
    public string Endpoint { get; set; } = string.Empty;

    /// <summary>This server's <c>client_id</c> there; without it <see cref="ResourceServerOptions.Audience"/>.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// PEM file with the private key, P-256: alone for <c>private_key_jwt</c>, or that of <see cref="CertificateFile"/>.
    /// </summary>
    public string KeyFile { get; set; } = string.Empty;

    /// <summary><c>kid</c> of that key, where the issuer wants one.</summary>
    public string? KeyId { get; set; }

    /// <summary>PEM file with the certificate for mutual TLS.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>How long an answer serves, 0 to 10 seconds.</summary>
    public TimeSpan CacheLifetime { get; set; } = TimeSpan.FromSeconds(2);
}

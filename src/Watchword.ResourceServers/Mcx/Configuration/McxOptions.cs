using Watchword.Mikey;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Keys;

namespace Watchword.ResourceServers.Mcx.Configuration;

/// <summary>The section <c>Services:Mcx</c> as the operator wrote it.</summary>
public sealed class McxOptions : ServiceOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Services:Mcx";

    /// <summary>The services that users are authorised for.</summary>
    public List<McxServiceOptions> Services { get; set; } = [];

    /// <summary>
    /// The server's own identities. The first is the MDSI (TS 33.180 5.4); more where clients encrypt their CSK to the PSI of the
    /// participating function (TS 24.379 4.8).
    /// </summary>
    public List<EntityKeyOptions> Identities { get; set; } = [];

    /// <summary>File of 32 random octets that seals CSKs in the database; only its owner can read it.</summary>
    public string CskKeyFile { get; set; } = string.Empty;

    /// <summary>
    /// Whether token and client ID must be encrypted and bodies signed. Without it both forms are taken: within a trusted SIP
    /// core the operator may leave protection out.
    /// </summary>
    public bool RequireProtection { get; set; }

    /// <summary>How the CSK-ID enters the derivation of signalling keys (TS 33.180 F.1.4).</summary>
    public XpkIdForm XpkIdForm { get; set; } = XpkIdForm.Octets;

    /// <summary>
    /// The configuration management server that user profiles are read from, for implicit affiliation (TS 24.379 9); null for the
    /// one of this process, where it is on.
    /// </summary>
    public McxProfileOptions? Profiles { get; set; }

    /// <summary>
    /// The X.509 certificate that KMS redirect responses are signed with (TS 33.180 D.4.2); null leaves them unsigned.
    /// </summary>
    public McxSignerOptions? RedirectSigner { get; set; }

    /// <summary>The host that <c>Warning</c> headers name.</summary>
    public string WarnHost { get; set; } = string.Empty;

    /// <summary>The shortest publication that is taken; less gets 423.</summary>
    public TimeSpan MinExpires { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest publication that is granted.</summary>
    public TimeSpan MaxExpires { get; set; } = TimeSpan.FromDays(7);

    /// <summary>What a publication gets that names no time.</summary>
    public TimeSpan DefaultExpires { get; set; } = TimeSpan.FromDays(1);
}

/// <summary>One service.</summary>
public sealed class McxServiceOptions
{
    /// <summary>MCPTT, MCVideo or MCData.</summary>
    public string Service { get; set; } = string.Empty;

    /// <summary>The PSIs of the participating function.</summary>
    public List<string> Psis { get; set; } = [];

    /// <summary>How many clients of one user may be authorised at once; the next gets 486.</summary>
    public int MaxClients { get; set; } = 8;

    /// <summary>
    /// How many groups a user may be affiliated to at once, of all his clients; less where his profile says so (N2).
    /// </summary>
    public int MaxAffiliations { get; set; } = 200;
}

/// <summary>A configuration management server in another process.</summary>
public sealed class McxProfileOptions
{
    /// <summary>Its XCAP root on the listener for network entities, an https URL.</summary>
    public string XcapRoot { get; set; } = string.Empty;

    /// <summary>The URI that this server asserts itself with; one of that server's <c>AuthorisedServers</c>.</summary>
    public string AssertedIdentity { get; set; } = string.Empty;

    /// <summary>The authority of that server's certificate; empty for those that the system trusts.</summary>
    public string CaFile { get; set; } = string.Empty;

    /// <summary>The certificate by which that server knows this one.</summary>
    public string CertificateFile { get; set; } = string.Empty;

    /// <summary>Its private key; only its owner can read it.</summary>
    public string KeyFile { get; set; } = string.Empty;
}

/// <summary>Whose signature KMS redirect responses bear.</summary>
public sealed class McxSignerOptions
{
    /// <summary>The X.509 certificate, of a key on P-256, P-384 or P-521.</summary>
    public string CertificateFile { get; set; } = string.Empty;

    /// <summary>Its private key; only its owner can read it.</summary>
    public string KeyFile { get; set; } = string.Empty;
}

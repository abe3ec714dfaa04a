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
}

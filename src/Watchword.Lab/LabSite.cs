namespace Watchword.Lab;

/// <summary>Another domain, as far as a domain is told of it out of band (TS 33.180 5.1.4).</summary>
internal sealed record LabPeer(LabNames Names, LabPorts Ports);

/// <summary>
/// One complete domain: what it is called, where its servers listen and keep their data, and which other domains it deals with. Its
/// servers are the same whatever domain it is.
/// </summary>
internal sealed record LabSite(
    LabNames Names, LabDirectories Directories, LabPorts Ports, LabCertificateAuthority Ca, TimeProvider Time)
{
    /// <summary>Domains whose services its users are given: its IdM server gives security tokens for them, its proxy forwards to them.</summary>
    public IReadOnlyList<LabPeer> Partners { get; init; } = [];

    /// <summary>Domains whose users are given its services: its IdM server takes their security tokens.</summary>
    public IReadOnlyList<LabPeer> Primaries { get; init; } = [];

    /// <summary>Settings of its servers that add to the lab's, or take their place.</summary>
    public IReadOnlyDictionary<string, string?> More { get; init; } = new Dictionary<string, string?>();

    /// <summary>Takes everything that its servers log, whatever the console shows of it; null for nobody.</summary>
    public ILoggerProvider? Log { get; init; }

    /// <summary>The domain that the lab is about.</summary>
    public static LabSite Home(LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time) =>
        new(LabDomain.Home, directories, ports, ca, time) { Partners = [new LabPeer(LabDomain.Allied, ports.Allied)] };

    /// <summary>The other complete domain, in which users of the first are guests; with data and ports beside those of the first.</summary>
    public static LabSite Allied(LabSite home) => new(LabDomain.Allied, home.Directories.Allied, home.Ports.Allied, home.Ca, home.Time)
    {
        Primaries = [new LabPeer(home.Names, home.Ports)],
    };

    /// <summary>Identity domains of those who come with a token of its IdM server: its own, and those of its guests.</summary>
    public IEnumerable<string> AssertedDomains =>
        Names.SecurityDomains.Select(domain => domain.IdentityDomain).Concat(Primaries.Select(primary => primary.Names.IdentityDomain));

    /// <summary>Public user identities that its SIP core asserts: those of its users, and of its guests, whom their own core let in.</summary>
    public IEnumerable<string> PublicIdentities => Primaries.Select(primary => primary.Names).Prepend(Names)
        .SelectMany(names => names.ServiceUsers.Select(names.PublicIdentityOf));
}

namespace Watchword.ResourceServers.Sip;

/// <summary>The section <c>Services:Sip</c> as the operator wrote it: where this process speaks SIP, and with whom.</summary>
public sealed class SipOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Services:Sip";

    /// <summary>Where to listen, such as <c>udp://10.0.0.1:5060</c>, <c>tcp://...</c> or <c>tls://...</c>; addresses, not
    /// names.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>Who may send requests: the SIP core. Everybody else gets 403.</summary>
    public List<SipPeerOptions> Peers { get; set; } = [];

    /// <summary>Where requests to users go, such as <c>tcp://core.example.org:5060</c>.</summary>
    public string Core { get; set; } = string.Empty;

    /// <summary>SHA-256 of the core's certificate, where <see cref="Core"/> is <c>tls://</c>; 64 hexadecimal digits.</summary>
    public string CoreCertificateSha256 { get; set; } = string.Empty;

    /// <summary>The host that Via and Contact name; empty for the address that a request leaves from.</summary>
    public string Host { get; set; } = string.Empty;

    /// <summary>Whether strangers on UDP, whose address may be forged, get no answer at all.</summary>
    public bool DropStrangersOnUdp { get; set; }
}

/// <summary>A peer.</summary>
public sealed class SipPeerOptions
{
    /// <summary>A name for operators; it is a tag of metrics.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>Its addresses on UDP and TCP, each with a prefix length, such as <c>10.0.0.0/28</c>.</summary>
    public List<string> Networks { get; set; } = [];

    /// <summary>SHA-256 of its certificates on TLS, 64 hexadecimal digits each.</summary>
    public List<string> CertificateSha256 { get; set; } = [];

    /// <summary>Requests for each second that are served over time.</summary>
    public int RequestsPerSecond { get; set; } = 1000;

    /// <summary>Requests at once.</summary>
    public int Burst { get; set; } = 2000;
}

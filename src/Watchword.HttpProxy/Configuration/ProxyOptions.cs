using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>The section <c>Proxy</c> as the operator wrote it. <see cref="ProxySettings"/> is what becomes of it.</summary>
public sealed class ProxyOptions
{
    /// <summary>Where to listen for UEs: https URLs, for example <c>https://0.0.0.0:443</c>.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>The proxy's X.509 certificate; UEs compare the proxy's name with it (TS 24.482 A.2.1.2).</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>How a UE is authenticated below HTTP.</summary>
    public UeAuthenticationOptions UeAuthentication { get; set; } = new();

    /// <summary>Listeners for network entities; null for none.</summary>
    public AssertedIdentityOptions? AssertedIdentity { get; set; }

    /// <summary>What the proxy shows to the servers behind it; null for nothing.</summary>
    public ClientCertificateOptions? ClientCertificate { get; set; }

    /// <summary>The https URLs, without path, under which the servers of this domain are asked for.</summary>
    public List<string> PublicUrls { get; set; } = [];

    /// <summary>The IdM servers, which are never reached through the proxy.</summary>
    public List<string> IdmUrls { get; set; } = [];

    /// <summary>The servers of this domain.</summary>
    public List<ServerOptions> Servers { get; set; } = [];

    /// <summary>Partner domains.</summary>
    public List<PartnerOptions> Partners { get; set; } = [];

    /// <summary>Limits.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>How long the proxy listens on after it was told to stop, not ready any more, in seconds, 0 to 300.</summary>
    public int DrainSeconds { get; set; }

    /// <summary>Names this instance in telemetry, or null.</summary>
    public string? InstanceName { get; set; }
}

/// <summary>How a UE is authenticated on HTTP-1 (TS 33.180 6.1.2).</summary>
public enum UeAuthenticationMethod
{
    /// <summary>Only the proxy has a certificate.</summary>
    ServerCertificate,

    /// <summary>Both have one.</summary>
    MutualCertificate,

    /// <summary>A shared key: not available, and refused.</summary>
    PreSharedKey,
}

/// <summary>The section <c>Proxy:UeAuthentication</c>.</summary>
public sealed class UeAuthenticationOptions
{
    /// <summary>The method.</summary>
    public UeAuthenticationMethod Method { get; set; }

    /// <summary>PEM file of the authorities that certify UEs, intermediates included.</summary>
    public string? CaFile { get; set; }

    /// <summary>SHA-256 of UE certificates in DER, 64 hexadecimal digits each, instead of authorities.</summary>
    public List<string> Thumbprints { get; set; } = [];
}

/// <summary>A client certificate in PEM files, looked at again every <c>Proxy:Tls:PollSeconds</c>.</summary>
public sealed class ClientCertificateOptions
{
    /// <summary>The certificate, with its intermediates behind it.</summary>
    public string CertificateFile { get; set; } = string.Empty;

    /// <summary>Its private key.</summary>
    public string KeyFile { get; set; } = string.Empty;
}

/// <summary>A server behind the proxy: what is forwarded to it, where it is, and how it is known.</summary>
public sealed class ServerOptions
{
    /// <summary>Name in log and metrics: letters, digits, hyphens.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>Which of <c>Proxy:PublicUrls</c> it serves; empty for all of them.</summary>
    public List<string> PublicUrls { get; set; } = [];

    /// <summary>What the paths of its requests begin with, compared octet by octet up to a slash.</summary>
    public List<string> PathPrefixes { get; set; } = [];

    /// <summary>Where requests of UEs go: https URLs without path. Empty for a server that only network entities use.</summary>
    public List<string> Destinations { get; set; } = [];

    /// <summary>Where requests of network entities go; empty for the same places, over connections of their own.</summary>
    public List<string> EntityDestinations { get; set; } = [];

    /// <summary>How the destinations are known.</summary>
    public TrustOptions Trust { get; set; } = new();
}

/// <summary>A partner domain, to which requests go by their URL.</summary>
public sealed class PartnerOptions
{
    /// <summary>Name in log and metrics: letters, digits, hyphens.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>The https URLs, without path, that are the partner's.</summary>
    public List<string> PublicUrls { get; set; } = [];

    /// <summary>Where requests of UEs go, for example the partner's proxy; empty for the URL that was asked for.</summary>
    public List<string> Destinations { get; set; } = [];

    /// <summary>Where requests of network entities go; empty for the same places, over connections of their own.</summary>
    public List<string> EntityDestinations { get; set; } = [];

    /// <summary>How the destinations are known.</summary>
    public TrustOptions Trust { get; set; } = new();
}

/// <summary>How a server's certificate is judged: by authorities or by pins, never by what the system trusts.</summary>
public sealed class TrustOptions
{
    /// <summary>PEM file of the authorities.</summary>
    public string? CaFile { get; set; }

    /// <summary>SHA-256 of the certificates in DER, 64 hexadecimal digits each, instead of authorities.</summary>
    public List<string> Thumbprints { get; set; } = [];

    /// <summary>The name in the certificate, if it is not the host of the destination. Only with authorities.</summary>
    public string? ServerName { get; set; }
}

/// <summary>The section <c>Proxy:Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>Longest body of a request in octets, 1 to 67108864.</summary>
    public int BodyOctets { get; set; } = 1024 * 1024;

    /// <summary>Longest header of a request in octets, 1024 to 1048576.</summary>
    public int HeaderOctets { get; set; } = 32 * 1024;

    /// <summary>Most requests of one client in a minute; 0 for no limit.</summary>
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Most requests of one client at a time, 1 to 100000.</summary>
    public int ConcurrentRequestsPerClient { get; set; } = 32;

    /// <summary>Most requests at a time, 1 to 100000. With the longest body it bounds the memory for bodies.</summary>
    public int ConcurrentRequests { get; set; } = 256;

    /// <summary>Most connections at a time, 1 to 1000000.</summary>
    public int Connections { get; set; } = 10_000;

    /// <summary>How long a client may take for its headers, in seconds, 1 to 300.</summary>
    public int HeaderSeconds { get; set; } = 15;

    /// <summary>How long TCP and TLS to a server may take, in seconds, 1 to 300.</summary>
    public int ConnectSeconds { get; set; } = 5;

    /// <summary>How long a server may be silent, in seconds, 1 to 3600.</summary>
    public int AnswerSeconds { get; set; } = 30;

    /// <summary>How long a destination that cannot be reached is left alone while there are others, in seconds, 1 to 3600.</summary>
    public int RestSeconds { get; set; } = 10;
}

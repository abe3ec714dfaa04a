using System.Net;

namespace Watchword.Sip;

/// <summary>A transport (RFC 3261 §18).</summary>
public enum SipTransport
{
    /// <summary>UDP.</summary>
    Udp = 0,

    /// <summary>TCP.</summary>
    Tcp = 1,

    /// <summary>TLS over TCP.</summary>
    Tls = 2,
}

/// <summary>Where a stack listens.</summary>
/// <param name="Transport">The transport.</param>
/// <param name="EndPoint">Address and port; port 0 takes a free one.</param>
public sealed record SipListener(SipTransport Transport, IPEndPoint EndPoint);

/// <summary>Where a request is sent.</summary>
/// <param name="Transport">
/// The transport. A request that is too large for a datagram goes over TCP instead of UDP (RFC 3261 §18.1.1).
/// </param>
/// <param name="Host">An address or a name, looked up for A and AAAA records.</param>
/// <param name="Port">The port.</param>
public sealed record SipDestination(SipTransport Transport, string Host, int Port)
{
    /// <summary>The name that the certificate of a TLS server must have; null for <see cref="Host"/>.</summary>
    public string? TlsName { get; init; }

    /// <summary>
    /// SHA-256 of the only certificate that the TLS server may have, 64 hexadecimal digits; null to trust by chain and name.
    /// </summary>
    public string? CertificateSha256 { get; init; }
}

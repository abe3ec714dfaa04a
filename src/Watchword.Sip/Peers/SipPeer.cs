using System.Net;

namespace Watchword.Sip;

/// <summary>
/// Who may send requests, the SIP core above all: known by the certificate on TLS, by the address on UDP and TCP.
/// </summary>
/// <param name="Name">A name for operators, unique; it is a tag of metrics.</param>
public sealed record SipPeer(string Name)
{
    /// <summary>The addresses on UDP and TCP.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>SHA-256 of the certificates on TLS, 64 hexadecimal digits each.</summary>
    public IReadOnlyList<string> CertificateSha256 { get; init; } = [];

    /// <summary>Requests for each second that are served over time.</summary>
    public int RequestsPerSecond { get; init; } = 1000;

    /// <summary>Requests at once.</summary>
    public int Burst { get; init; } = 2000;

    /// <summary>The largest number of connections.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>The largest number of server transactions.</summary>
    public int MaxTransactions { get; init; } = 32_768;
}

using System.Security.Cryptography.X509Certificates;

namespace Watchword.Client;

/// <summary>
/// The home HTTP proxy of a UE (TS 24.482 A.2.1.2): TLS ends there and its name is what the certificate is compared with, while
/// requests keep the URL of the server that they are for. The IdM server is reached without it.
/// </summary>
public sealed record HomeHttpProxy
{
    /// <summary>Its https URL, without path: the FQDN and port that the UE is configured with.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// The UE's certificate with its key, where the proxy wants one (mutual certificates); null for none. The caller disposes it
    /// after the clients that use it.
    /// </summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

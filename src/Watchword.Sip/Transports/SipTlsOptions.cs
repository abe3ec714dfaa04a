using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip;

/// <summary>
/// TLS of a stack: versions 1.2 and 1.3, never renegotiated, never resumed. Certificates are asked for at each handshake.
/// </summary>
public sealed class SipTlsOptions
{
    /// <summary>The certificate of the listeners; null if none uses TLS.</summary>
    public Func<SslStreamCertificateContext>? ServerCertificate { get; init; }

    /// <summary>The certificate that the stack shows to TLS servers; null for none.</summary>
    public Func<SslStreamCertificateContext?>? ClientCertificate { get; init; }

    /// <summary>
    /// Whether a client may go on with this certificate; false ends the handshake. Null lets every one through: who is not a peer
    /// gets 403 then.
    /// </summary>
    public Func<X509Certificate2, bool>? ClientCertificateCheck { get; init; }

    /// <summary>
    /// Whether a TLS server may be spoken to, where its certificate is not pinned; the errors are those of chain and name. Null
    /// demands that there are none.
    /// </summary>
    public Func<SipDestination, X509Certificate2, SslPolicyErrors, bool>? ServerCertificateCheck { get; init; }

    /// <summary>The cipher suites; null for those of the system.</summary>
    public CipherSuitesPolicy? CipherSuites { get; init; }
}

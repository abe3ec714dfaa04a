using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Watchword.Hosting;

/// <summary>
/// What every listener of ours speaks (TS 33.210 §6.2): TLS 1.2 and 1.3, authenticated encryption with forward secrecy and
/// nothing
/// else, with the certificate that is in force when a handshake begins.
/// </summary>
public static class TlsProfile
{
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <summary>Sets up a listener; what is done with certificates of clients stays with the caller.</summary>
    /// <param name="https">The options of the listener.</param>
    /// <param name="certificates">Where the server's certificate comes from.</param>
    /// <param name="adjust">Further options of each handshake.</param>
    // TS 33.210 §6.2.1 names the versions; what the system would choose may be less.
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "The clause names these two.")]
    public static void Apply(
        HttpsConnectionAdapterOptions https, ReloadingCertificate certificates,
        Action<SslServerAuthenticationOptions>? adjust = null)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        // Kestrel wants to know that there is a certificate; which one, with its intermediates, each handshake says.
        https.ServerCertificateSelector = (_, _) => certificates.Current.Leaf;
        https.OnAuthenticate = (_, tls) =>
        {
            tls.ServerCertificateSelectionCallback = null;
            tls.ServerCertificateContext = certificates.Current.Context;
            // .NET can choose suites on Linux; elsewhere the system's choice stands.
            if (OperatingSystem.IsLinux())
            {
                tls.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
            }

            adjust?.Invoke(tls);
        };
    }
}

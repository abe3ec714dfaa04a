using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The listener: TLS 1.2 and 1.3 and nothing below (TS 33.210 §6.2), bounded requests.</summary>
internal static class KestrelTls
{
    /// <summary>Longest body of a request, in octets. A KmsRequest needs a fraction of it.</summary>
    public const int MaxBodyOctets = 64 * 1024;

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

    public static void UseKmsTls(this IWebHostBuilder host, KmsSettings settings) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyOctets;
        foreach (BindingAddress address in settings.Listen)
        {
            Listen(kestrel, address, listener => UseTls(listener, settings.CertificateChain));
        }
    });

    private static void Listen(KestrelServerOptions kestrel, BindingAddress address, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(address.Host, out IPAddress? ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else if (!string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
        else if (address.Port == 0)
        {
            // A free port can only be had for one address at a time.
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
    }

    // TS 33.210 §6.2.1 names the versions; what the system would choose may be less.
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "The clause names these two.")]
    private static void UseTls(ListenOptions listener, X509Certificate2Collection chain)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = chain[0],
            ServerCertificateChain = [.. chain.Skip(1)],
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            OnAuthenticate = (_, tls) =>
            {
                if (OperatingSystem.IsLinux())
                {
                    tls.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
                }
            },
        });
    }
}

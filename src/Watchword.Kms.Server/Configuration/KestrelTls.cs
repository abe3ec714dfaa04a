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
            Listen(kestrel, address, listener => UseTls(listener, settings.CertificateChain, _ => { }));
        }

        // After the ordinary ones: the first address is the one that clients are told of.
        if (settings.AssertedIdentity is { } asserted)
        {
            TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            foreach (BindingAddress address in asserted.Listen)
            {
                Listen(kestrel, address, listener => UseMutualTls(listener, settings.CertificateChain, asserted, time));
            }
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

    /// <summary>Only pinned certificates get past the handshake, and only these connections carry the mark of the listener.</summary>
    private static void UseMutualTls(
        ListenOptions listener, X509Certificate2Collection chain, AssertedIdentitySettings asserted, TimeProvider time)
    {
        UseTls(listener, chain, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => asserted.FindPeer(certificate, time.GetUtcNow()) is not null;
        });
        listener.Use(next => connection =>
        {
            connection.Features.Set(AssertedIdentityListener.Mark);
            return next(connection);
        });
    }

    // TS 33.210 §6.2.1 names the versions; what the system would choose may be less.
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "The clause names these two.")]
    private static void UseTls(
        ListenOptions listener, X509Certificate2Collection chain, Action<HttpsConnectionAdapterOptions> configure)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        HttpsConnectionAdapterOptions https = new()
        {
            ServerCertificate = chain[0],
            ServerCertificateChain = [.. chain.Skip(1)],
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        configure(https);
        bool mutual = https.ClientCertificateMode == ClientCertificateMode.RequireCertificate;
        https.OnAuthenticate = (_, tls) =>
        {
            if (OperatingSystem.IsLinux())
            {
                tls.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
            }

            if (mutual)
            {
                // Every connection proves its key anew, and a stranger's certificate makes the KMS fetch nothing.
                tls.AllowTlsResume = false;
                tls.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                };
            }
        };
        listener.UseHttps(https);
    }
}

/// <summary>Marks the connections of a listener for asserted identities, for the requests on them to find.</summary>
internal sealed class AssertedIdentityListener
{
    private AssertedIdentityListener()
    {
    }

    public static AssertedIdentityListener Mark { get; } = new();

    /// <summary>True if the request came in on such a listener.</summary>
    public static bool Has(HttpContext context) => context.Features.Get<AssertedIdentityListener>() is not null;
}

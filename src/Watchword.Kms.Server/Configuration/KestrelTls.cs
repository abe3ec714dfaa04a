using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Watchword.Hosting;
using Watchword.Kms.Server.Administration;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The listener: TLS 1.2 and 1.3 and nothing below (TS 33.210 §6.2), bounded requests.</summary>
internal static class KestrelTls
{
    /// <summary>Longest body of a request, in octets. A KmsRequest needs a fraction of it.</summary>
    public const int MaxBodyOctets = 64 * 1024;

    /// <summary>
    /// Longest body, in octets, that is taken off a connection though it is refused: a connection that is closed before its client
    /// has sent everything is reset, and the refusal is lost on the way (RFC 9112 §9.6).
    /// </summary>
    public const int MaxDiscardedOctets = 1024 * 1024;

    public static void UseKmsTls(this IWebHostBuilder host, KmsSettings settings) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxDiscardedOctets;
        ReloadingCertificate certificates = kestrel.ApplicationServices.GetRequiredService<ReloadingCertificate>();
        foreach (BindingAddress address in settings.Listen)
        {
            Listen(kestrel, address, listener => UseTls(listener, certificates));
        }

        // After the ordinary ones: the first address is the one that clients are told of.
        if (settings.AssertedIdentity is { } asserted)
        {
            TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            foreach (BindingAddress address in asserted.Listen)
            {
                Listen(kestrel, address, listener => UseTls(
                    listener, certificates, AssertedIdentityListener.Mark,
                    certificate => asserted.FindPeer(certificate, time.GetUtcNow()) is not null));
            }
        }

        if (settings.Admin is { } admin)
        {
            ReloadingCertificate own = admin.Tls is null
                ? certificates
                : kestrel.ApplicationServices.GetRequiredKeyedService<ReloadingCertificate>(AdminSettings.Section);
            TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            foreach (BindingAddress address in admin.Listen)
            {
                Listen(kestrel, address, listener => UseTls(
                    listener, own, AdminListener.Mark,
                    admin.NeedsClientCertificate ? certificate => admin.MayConnect(certificate, time.GetUtcNow()) : null));
            }
        }

        MetricsListener.Listen(kestrel, settings.Telemetry, certificates);
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

    /// <summary>TLS whose connections carry the mark of the listener. Where client certificates are pinned, only those get past the
    /// handshake.</summary>
    private static void UseTls<TMark>(
        ListenOptions listener, ReloadingCertificate certificates, TMark mark, Func<X509Certificate2, bool>? isPinned)
        where TMark : class
    {
        UseTls(listener, certificates, isPinned);
        listener.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
    }

    private static void UseTls(
        ListenOptions listener, ReloadingCertificate certificates, Func<X509Certificate2, bool>? isPinned = null)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        HttpsConnectionAdapterOptions https = new();
        if (isPinned is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => isPinned(certificate);
        }

        TlsProfile.Apply(https, certificates, isPinned is null ? null : tls =>
        {
            // Every connection proves its key anew, and a stranger's certificate makes the KMS fetch nothing.
            tls.AllowTlsResume = false;
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
        });
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

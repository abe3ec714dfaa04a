using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Watchword.Hosting;

/// <summary>The one way in which a server of ours opens a listener: TLS by <see cref="TlsProfile"/>, clients pinned where they are.</summary>
public static class TlsListener
{
    /// <summary>Opens a listener at <paramref name="address"/>; any name but localhost is every address of the machine.</summary>
    public static void Listen(KestrelServerOptions kestrel, BindingAddress address, Action<ListenOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(address);
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

    /// <summary>TLS. Where client certificates are pinned, only those get past the handshake.</summary>
    public static void UseTls(
        ListenOptions listener, ReloadingCertificate certificates, Func<X509Certificate2, bool>? isPinned = null)
    {
        ArgumentNullException.ThrowIfNull(listener);
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        HttpsConnectionAdapterOptions https = new();
        if (isPinned is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => isPinned(certificate);
        }

        TlsProfile.Apply(https, certificates, isPinned is null ? null : tls =>
        {
            // Every connection proves its key anew, and a stranger's certificate makes the server fetch nothing.
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

    /// <summary>The same, with connections that carry the <paramref name="mark"/> of the listener, for the requests on them to find.</summary>
    public static void UseTls<TMark>(
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
}

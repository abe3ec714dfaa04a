using System.Text;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>The listeners: TLS 1.2 and 1.3 and nothing below (TS 33.210 §6.2), bounded requests.</summary>
internal static class ProxyListeners
{
    /// <summary>
    /// How many octets of a body that is refused are still taken off its connection: one that is closed before its client has sent
    /// everything is reset, and the refusal is lost on the way (RFC 9112 §9.6).
    /// </summary>
    private const long DiscardedOctets = 1024 * 1024;

    public static void UseProxyListeners(this IWebHostBuilder host, ProxySettings settings) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        // What a server says in its headers passes octet by octet.
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.Limits.MaxRequestBodySize = settings.Limits.BodyOctets + DiscardedOctets;
        kestrel.Limits.MaxRequestHeadersTotalSize = settings.Limits.HeaderOctets;
        kestrel.Limits.RequestHeadersTimeout = settings.Limits.HeaderTime;
        kestrel.Limits.MaxConcurrentConnections = settings.Limits.Connections;
        ReloadingCertificate certificates = kestrel.ApplicationServices.GetRequiredService<ReloadingCertificate>();
        TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        foreach (BindingAddress address in settings.Listen)
        {
            TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(
                listener, certificates,
                settings.UeCertificates is { } ues ? certificate => ues.Accepts(certificate, time.GetUtcNow()) : null));
        }

        foreach (BindingAddress address in settings.AssertedIdentity?.Listen ?? [])
        {
            TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(
                listener, certificates, AssertedIdentityListener.Mark,
                certificate => settings.AssertedIdentity!.FindPeer(certificate, time.GetUtcNow()) is not null));
        }

        MetricsListener.Listen(kestrel, settings.Telemetry, certificates);
    });
}

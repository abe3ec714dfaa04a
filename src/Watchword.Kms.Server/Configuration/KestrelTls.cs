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
            TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(listener, certificates));
        }

        // After the ordinary ones: the first address is the one that clients are told of.
        if (settings.AssertedIdentity is { } asserted)
        {
            TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            foreach (BindingAddress address in asserted.Listen)
            {
                TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(
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
                TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(
                    listener, own, AdminListener.Mark,
                    admin.NeedsClientCertificate ? certificate => admin.MayConnect(certificate, time.GetUtcNow()) : null));
            }
        }

        MetricsListener.Listen(kestrel, settings.Telemetry, certificates);
    });
}

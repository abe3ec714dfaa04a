using Watchword.Hosting;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The listeners: TLS 1.2 and 1.3 and nothing below (TS 33.210 §6.2), bounded requests.</summary>
internal static class ServicesListeners
{
    /// <summary>
    /// Longest body, in octets, that is taken off a connection. What a service takes is less; a connection that is closed before its
    /// client has sent everything is reset, and the refusal is lost on the way (RFC 9112 §9.6).
    /// </summary>
    private const int MaxDiscardedOctets = 8 * 1024 * 1024;

    public static void UseServicesListeners(this IWebHostBuilder host, ServicesSettings settings) => host.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxDiscardedOctets;
        ReloadingCertificate certificates = kestrel.ApplicationServices.GetRequiredService<ReloadingCertificate>();
        foreach (BindingAddress address in settings.Listen)
        {
            TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(listener, certificates));
        }

        TimeProvider time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        foreach (BindingAddress address in settings.AssertedIdentity?.Listen ?? [])
        {
            TlsListener.Listen(kestrel, address, listener => TlsListener.UseTls(
                listener, certificates, AssertedIdentityListener.Mark,
                certificate => settings.AssertedIdentity!.FindPeer(certificate, time.GetUtcNow()) is not null));
        }

        MetricsListener.Listen(kestrel, settings.Telemetry, certificates);
    });
}

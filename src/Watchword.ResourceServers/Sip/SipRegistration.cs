using System.Net.Security;
using Watchword.Hosting;

namespace Watchword.ResourceServers.Sip;

/// <summary>Wiring of SIP.</summary>
internal static class SipRegistration
{
    /// <summary>Adds the SIP stack, which serves what the roles have as <see cref="SipRouteSource"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">Where and with whom.</param>
    /// <param name="certificate">The certificate for TLS; null for that of the HTTP listeners.</param>
    public static IServiceCollection AddSip(
        this IServiceCollection services, SipSettings settings, Func<SslStreamCertificateContext>? certificate = null)
    {
        services.AddSingleton(settings);
        // Timers of transactions go by the system's clock, as those of HTTP do.
        services.AddSingleton(provider => new SipHost(
            settings, provider.GetServices<SipRouteSource>(), certificate ?? OfListeners(provider), TimeProvider.System,
            provider.GetRequiredService<ILogger<SipHost>>()));
        services.AddHostedService(provider => provider.GetRequiredService<SipHost>());
        return services;
    }

    private static Func<SslStreamCertificateContext>? OfListeners(IServiceProvider provider) =>
        provider.GetService<ReloadingCertificate>() is { } files ? () => files.Current.Context : null;
}

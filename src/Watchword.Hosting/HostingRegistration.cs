using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Watchword.Hosting;

/// <summary>What a server says about itself to be run as ours.</summary>
/// <param name="Names">How it is called in telemetry.</param>
/// <param name="Tls">Its TLS files.</param>
/// <param name="Certificate">The certificate that was read from them.</param>
/// <param name="Telemetry">Where metrics and traces go.</param>
/// <param name="DrainTime">How long it listens on after it was told to stop.</param>
/// <param name="Instance">Its name among several; null for none.</param>
public sealed record HostingSettings(
    ServerNames Names, TlsOptions Tls, ServerCertificate Certificate, TelemetrySettings Telemetry, TimeSpan DrainTime,
    string? Instance);

/// <summary>Wiring of what every server of ours does as a process.</summary>
public static class HostingRegistration
{
    /// <summary>Adds TLS reload, telemetry, readiness of certificate and draining, and what systemd wants.</summary>
    /// <param name="services">The host's services; they have a <see cref="TimeProvider"/>.</param>
    /// <param name="settings">The checked settings.</param>
    public static IServiceCollection AddWatchwordHosting(this IServiceCollection services, HostingSettings settings)
    {
        services.AddMetrics();
        services.AddSingleton(settings.Names);
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<ServerTracing>();
        services.AddSingleton(provider => new ReloadingCertificate(
            settings.Tls, settings.Certificate, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ServerMetrics>(), provider.GetRequiredService<ILogger<ReloadingCertificate>>()));
        services.AddHostedService(provider => provider.GetRequiredService<ReloadingCertificate>());
        services.AddSingleton(provider => new Drain(
            settings.DrainTime, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Drain>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainTime + Drain.Grace);
        services.AddHealthChecks()
            .AddCheck<CertificateReadiness>("certificate", tags: [HealthAnswer.ReadyTag])
            .AddCheck<Drain>("accepting", tags: [HealthAnswer.ReadyTag]);
        services.AddWatchwordTelemetry(settings.Telemetry, settings.Names, settings.Instance);
        services.AddSystemd();
        if (SystemdHelpers.IsSystemdService())
        {
            services.AddHostedService<SystemdWatchdog>();
        }

        return services;
    }

    /// <summary>
    /// Silences categories of the frameworks whose lines or scopes hold the path of a request, or its parameters.
    /// </summary>
    public static void AddWatchwordFilters(this ILoggingBuilder logging)
    {
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.HttpLogging", LogLevel.None);
        // The base class of authentication handlers repeats there what our own events say.
        logging.AddFilter("Watchword.Authorization.Http", LogLevel.Warning);
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
    }
}

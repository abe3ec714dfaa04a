using Microsoft.Extensions.DependencyInjection.Extensions;
using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Forwarding;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy;

/// <summary>Wiring of the HTTP proxy into a web application.</summary>
public static class ProxyServerExtensions
{
    /// <summary>Adds the proxy: routes and their connections, limits, health checks.</summary>
    /// <param name="services">The host's services. A <see cref="TimeProvider"/> added before is used.</param>
    /// <param name="settings">The checked configuration.</param>
    public static IServiceCollection AddHttpProxy(this IServiceCollection services, ProxySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddWatchwordHosting(new HostingSettings(
            ProxyMetrics.Names, settings.Tls, settings.Certificate!, settings.Telemetry, settings.DrainTime,
            settings.InstanceName));
        services.AddSingleton<ProxyMetrics>();
        services.AddSingleton<ProxyClientCertificate>();
        services.AddHostedService(provider => provider.GetRequiredService<ProxyClientCertificate>());
        services.AddSingleton<DestinationConnections>();
        services.AddSingleton<ForwardingTable>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<Forwarder>();
        services.AddHttpForwarder();
        services.AddHealthChecks().AddCheck<DestinationReadiness>("destinations", tags: [HealthAnswer.ReadyTag]);
        return services;
    }

    /// <summary>What every request passes, in this order: its name, its line in the log, faults, framing, who asserts which
    /// identity, limits, forwarding.</summary>
    /// <param name="application">The pipeline.</param>
    /// <param name="observe">More of it, behind the checks of who asserts what and in front of the rest.</param>
    public static void UseHttpProxy(this WebApplication application, Action<WebApplication>? observe = null)
    {
        ArgumentNullException.ThrowIfNull(application);
        MetricsListener.Use(application);
        application.UseMiddleware<ForwardedCorrelationMiddleware>();
        RequestObserver.Use(application, RequestRoute.NameOf, ForwardedCorrelationMiddleware.IdOf);
        application.UseMiddleware<FaultMiddleware>();
        application.UseMiddleware<FramingMiddleware>();
        application.UseMiddleware<AssertedIdentityMiddleware>();
        observe?.Invoke(application);
        application.UseMiddleware<LimitMiddleware>();
        application.UseMiddleware<RoutingMiddleware>();
        application.UseWhen(RequestRoute.IsHealth, branch =>
        {
            branch.UseHealthChecks(HealthAnswer.LivePath, HealthAnswer.Live);
            branch.UseHealthChecks(HealthAnswer.ReadyPath, HealthAnswer.Ready);
        });
        application.UseMiddleware<BodyMiddleware>();
        application.Run(context => context.RequestServices.GetRequiredService<Forwarder>().ForwardAsync(context));
    }
}

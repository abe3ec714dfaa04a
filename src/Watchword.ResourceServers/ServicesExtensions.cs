using Microsoft.Extensions.DependencyInjection.Extensions;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.ConfigurationManagement;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.GroupManagement;
using Watchword.ResourceServers.Hosting;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx;
using Watchword.ResourceServers.Mcx.Downloads;
using Watchword.ResourceServers.Observability;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Subscriptions;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers;

/// <summary>Wiring of the services into a web application. What belongs to one service is in its folder.</summary>
public static class ServicesExtensions
{
    /// <summary>Where the IdM servers push their security events (RFC 8935).</summary>
    public const string SecurityEventsPath = "/events";

    /// <summary>Adds what all services share and those that are switched on.</summary>
    /// <param name="services">The host's services. A <see cref="TimeProvider"/> added before is used.</param>
    /// <param name="settings">The checked configuration.</param>
    /// <param name="authorization">The section <c>Authorization</c>: audience and trusted issuers.</param>
    public static IServiceCollection AddServices(
        this IServiceCollection services, ServicesSettings settings, IConfiguration authorization)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddWatchwordHosting(new HostingSettings(
            ServicesMetrics.Names, settings.Tls, settings.Certificate!, settings.Telemetry, settings.DrainTime,
            settings.InstanceName));
        services.AddSingleton<ServicesMetrics>();
        services.AddSingleton<ServicesProblems>();
        services.AddSingleton(_ => settings.Store.Open());
        services.AddHostedService<DatabaseOpening>();
        services.AddSingleton<MemorySecurityEventSink>();
        services.AddSingleton<ISecurityEventSink, ObservedSecurityEvents>();
        services.AddWatchwordAuthorization(authorization);
        services.AddSingleton<SenderReader>();
        foreach (ServiceSettings service in settings.Enabled)
        {
            services.AddAccessTokenScheme(service.Scheme, service.Audience);
        }

        services.AddSingleton(provider => new ServicesTransactions(provider.GetRequiredService<ServicesDatabase>().CreateContext));
        services.AddXcap();
        if (settings.Configuration is { } configuration)
        {
            services.AddSingleton(configuration);
            services.AddXcapRealm<ConfigurationRealm>();
        }

        if (settings.Groups is { } groups)
        {
            services.AddGroupManagement(groups);
        }

        if (settings.Mcx is { } mcx)
        {
            services.AddMcx(mcx);
        }

        if (settings.Sip is { } sip)
        {
            services.AddXcapSubscriptions();
            // Last: what serves its requests has started then.
            services.AddSip(sip);
        }

        services.AddHealthChecks().AddCheck<DatabaseReadiness>("database", tags: [HealthAnswer.ReadyTag]);
        return services;
    }

    /// <summary>Adds what every request passes: correlation id, a line in the log, errors as problems.</summary>
    public static void UseServices(this WebApplication application)
    {
        ArgumentNullException.ThrowIfNull(application);
        MetricsListener.Use(application);
        application.UseMiddleware<CorrelationMiddleware>();
        RequestObserver.Use(application, RouteNames.Of, context => context.TraceIdentifier);
        application.UseMiddleware<FaultMiddleware>();
        application.UseRouting();
    }

    /// <summary>Maps the endpoints of the services that are switched on, security events and health.</summary>
    public static void MapServices(this WebApplication application)
    {
        ArgumentNullException.ThrowIfNull(application);
        application.MapSecurityEvents(SecurityEventsPath);
        application.MapXcap();
        application.MapDownloads();
        application.MapGroupManagement();
        application.MapHealthChecks(HealthAnswer.LivePath, HealthAnswer.Live);
        application.MapHealthChecks(HealthAnswer.ReadyPath, HealthAnswer.Ready);
        application.MapFallback("{**path}", (RequestDelegate)(_ => throw new ServicesException(ServicesError.UnknownResource)));
    }
}

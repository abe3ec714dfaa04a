using Watchword.Client;
using Watchword.Hosting;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.GroupManagement.Http;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.GroupManagement.Sip;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>Wiring of the group management server.</summary>
internal static class GroupManagementRegistration
{
    /// <summary>The name of its readiness check, and of its identity among those of this process.</summary>
    public const string KeysCheck = "group-keys";

    /// <summary>Adds the group management server. Database, XCAP, token validation and clock are the host's.</summary>
    public static IServiceCollection AddGroupManagement(this IServiceCollection services, GroupManagementSettings settings)
    {
        services.AddSingleton(settings);
        services.AddXcapRealm<GroupRealm>();
        services.AddSingleton<GroupUsers>();
        services.AddSingleton<ISubjectObserver>(provider => provider.GetRequiredService<GroupUsers>());
        services.AddSingleton<GroupInstruments>();
        return settings.Identity is { } identity ? services.AddGroupKeys(settings, identity) : services;
    }

    /// <summary>Maps what is not XCAP.</summary>
    public static void MapGroupManagement(this WebApplication application)
    {
        if (application.Services.GetService<GroupKeyEndpoint>() is { } endpoint)
        {
            string route = application.Services.GetRequiredService<GroupManagementSettings>().Path + GroupKeyEndpoint.Route;
            application.MapGet(route, endpoint.GetAsync);
            application.MapPost(route, endpoint.PostAsync);
        }
    }

    /// <summary>The identities of the group management server in a host.</summary>
    public static EntityKeyRing Ring(IServiceProvider provider) => provider.GetRequiredKeyedService<EntityKeyRing>(KeysCheck);

    private static IServiceCollection AddGroupKeys(
        this IServiceCollection services, GroupManagementSettings settings, EntityKeySettings identity)
    {
        services.AddKeyedSingleton(KeysCheck, (provider, _) => new EntityKeyRing(
            [new EntityKeys(
                identity, new ServiceKeyExchangeOptions(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<EntityKeys>>(), provider.GetService<Func<HttpMessageHandler>>())]));
        // Not AddHostedService: that takes one service of a type, and the MCX server has a ring too.
        services.AddSingleton<IHostedService>(Ring);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GroupKeys>(provider, Ring(provider).Primary));
        if (settings.KeysBySip)
        {
            services.AddSingleton<SipGroupKeyCarrier>();
            services.AddSingleton<IGroupKeyCarrier>(provider => provider.GetRequiredService<SipGroupKeyCarrier>());
            services.AddHostedService<SipGroupKeyWork>();
            services.AddSingleton<IGroupKeyCarrier, NotifyGroupKeyCarrier>();
        }

        services.AddHostedService<GroupKeyWork>();
        if (settings.KeysByHttp)
        {
            services.AddSingleton<GroupKeyEndpoint>();
        }

        services.AddHealthChecks().Add(new(KeysCheck, Ring, failureStatus: null, tags: [HealthAnswer.ReadyTag]));
        return services;
    }
}

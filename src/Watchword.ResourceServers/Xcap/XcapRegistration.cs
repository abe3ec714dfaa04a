namespace Watchword.ResourceServers.Xcap;

/// <summary>Wiring of XCAP roots.</summary>
internal static class XcapRegistration
{
    /// <summary>Adds what all roots share.</summary>
    public static IServiceCollection AddXcap(this IServiceCollection services)
    {
        services.AddSingleton<XcapChangeSignal>();
        services.AddSingleton<XcapOperations>();
        services.AddHostedService<XcapUpkeep>();
        return services;
    }

    /// <summary>Adds a root; <typeparamref name="TRealm"/> is made by the container.</summary>
    public static IServiceCollection AddXcapRealm<TRealm>(this IServiceCollection services)
        where TRealm : XcapRealm
    {
        services.AddSingleton<TRealm>();
        services.AddSingleton<XcapRealm>(provider => provider.GetRequiredService<TRealm>());
        return services;
    }

    /// <summary>Maps every root.</summary>
    public static void MapXcap(this WebApplication application)
    {
        foreach (XcapRealm realm in application.Services.GetServices<XcapRealm>())
        {
            XcapEndpoint endpoint = ActivatorUtilities.CreateInstance<XcapEndpoint>(application.Services, realm);
            application.Map(realm.Settings.Path + "/{**document}", (RequestDelegate)endpoint.HandleAsync);
        }
    }
}

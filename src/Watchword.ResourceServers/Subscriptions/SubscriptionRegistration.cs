using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Sip;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>Wiring of subscriptions to XCAP documents.</summary>
internal static class SubscriptionRegistration
{
    /// <summary>Adds them for every root; SIP is the host's.</summary>
    public static IServiceCollection AddXcapSubscriptions(this IServiceCollection services)
    {
        services.AddSingleton<SubscriptionHandler>();
        services.AddSingleton<SipRouteSource>(provider => () => provider.GetRequiredService<SubscriptionHandler>().Routes);
        services.AddSingleton<ISubjectObserver, SubscriptionSubjects>();
        services.AddHostedService<SubscriptionNotifier>();
        return services;
    }
}

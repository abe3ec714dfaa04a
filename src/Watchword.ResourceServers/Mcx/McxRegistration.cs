using Watchword.Client;
using Watchword.Hosting;
using Watchword.Mikey;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Downloads;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Mcx.Signalling;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Mcx.Subscriptions;
using Watchword.ResourceServers.Sip;

namespace Watchword.ResourceServers.Mcx;

/// <summary>Wiring of the MCX server.</summary>
internal static class McxRegistration
{
    /// <summary>The name of its readiness check.</summary>
    public const string KeysCheck = "mcx-keys";

    /// <summary>Adds the MCX server. Database, SIP settings, token validation and clock are the host's.</summary>
    public static IServiceCollection AddMcx(this IServiceCollection services, McxSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<KeyVault>(_ => KeyVault.FromFile(settings.CskKeyFile));
        services.AddKeyedSingleton(McxOptions.Section, (provider, _) => new EntityKeyRing(
            [.. settings.Identities.Select(identity => new EntityKeys(
                identity, KeyRules, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<EntityKeys>>(), provider.GetService<Func<HttpMessageHandler>>()))]));
        // Not AddHostedService: that takes one service of a type, and the group management server has a ring too.
        services.AddSingleton<IHostedService>(Ring);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CskOpening>(provider, Ring(provider)));
        services.AddSingleton<RedirectResponses>();
        services.AddSingleton<AffiliationSignal>();
        if (settings.AffiliatesImplicitly)
        {
            AddAffiliation(services, settings);
        }

        services.AddSingleton<BodyProtection>();
        services.AddSingleton<TokenJudge>();
        services.AddSingleton<BindingWriter>();
        services.AddSingleton<ServiceAuthorization>();
        services.AddSingleton<McxInstruments>();
        services.AddSingleton<SettingsSubscriptions>();
        services.AddHostedService<SettingsNotifier>();
        services.AddSingleton<McxHandlers>();
        services.AddSingleton<ISubjectObserver, SubjectWatch>();
        services.AddHostedService<BindingUpkeep>();
        services.AddSingleton<KeyDownloads>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DownloadSender>(provider, Ring(provider)));
        services.AddHostedService<DownloadWork>();
        services.AddSingleton<SipRouteSource>(provider => () => provider.GetRequiredService<McxHandlers>().Routes);
        services.AddHealthChecks().Add(new(
            KeysCheck, Ring, failureStatus: null, tags: [HealthAnswer.ReadyTag]));
        return services;
    }

    private static void AddAffiliation(IServiceCollection services, McxSettings settings)
    {
        if (settings.Profiles is { } profiles)
        {
            services.AddSingleton<IUserProfileSource>(
                provider => new RemoteProfileSource(profiles, provider.GetRequiredService<TimeProvider>()));
        }
        else
        {
            services.AddSingleton<IUserProfileSource, StoredProfileSource>();
        }

        services.AddHostedService<AffiliationWork>();
    }

    /// <summary>The identities of the MCX server in a host.</summary>
    public static EntityKeyRing Ring(IServiceProvider provider) =>
        provider.GetRequiredKeyedService<EntityKeyRing>(McxOptions.Section);

    /// <summary>An MCX server takes CSKs of users, and no other key (TS 33.180 5.4).</summary>
    private static readonly ServiceKeyExchangeOptions KeyRules = new() { Expects = [KeyDistribution.CskUpload] };
}

using Watchword.Authorization;
using Watchword.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Wiring of the admin API. Without the section <c>Kms:Admin</c> none of it is there.</summary>
internal static class AdminRegistration
{
    /// <summary>Name of the authentication scheme: the trusted issuers, with the audience of the admin API.</summary>
    public const string Scheme = "Watchword.AdminToken";

    public static void AddKmsAdministration(this IServiceCollection services, AdminSettings? settings)
    {
        if (settings is null)
        {
            return;
        }

        services.AddSingleton(settings);
        services.AddSingleton<MatcherPolicy, AdminEndpointSelector>();
        services.AddSingleton<RoleHistory>();
        services.AddSingleton<AdminServices>();
        services.AddAccessTokenScheme(Scheme, settings.Audience);
        services.ConfigureHttpJsonOptions(json => AdminJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.AddAdminDescription();
        if (settings.Tls is { } files)
        {
            services.AddKeyedSingleton(AdminSettings.Section, (provider, _) => new ReloadingCertificate(
                files, settings.Certificate!, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ServerMetrics>(), provider.GetRequiredService<ILogger<ReloadingCertificate>>()));
            // Not AddHostedService, which adds one of a type.
            services.AddSingleton<IHostedService>(
                provider => provider.GetRequiredKeyedService<ReloadingCertificate>(AdminSettings.Section));
        }
    }

    /// <summary>Within the boundary of the client interface: what comes in on the admin listener gets problems.</summary>
    public static void UseKmsAdministrationFaults(this WebApplication application)
    {
        if (IsThere(application.Services))
        {
            application.UseMiddleware<AdminFaults>();
        }
    }

    /// <summary>Behind authentication, authorisation and rate limit.</summary>
    public static void UseKmsAdministrationGuard(this WebApplication application)
    {
        if (IsThere(application.Services))
        {
            application.UseMiddleware<AdminGuard>();
        }
    }

    public static void MapKmsAdministration(this WebApplication application)
    {
        if (IsThere(application.Services))
        {
            AdminApi.Map(application);
        }
    }

    private static bool IsThere(IServiceProvider services) => services.GetService<AdminSettings>() is not null;
}

using Watchword.Hosting;
using Watchword.ResourceServers.Configuration;

namespace Watchword.ResourceServers;

/// <summary>The services as a web application, for the executable and for hosts in the same process.</summary>
public static class ServicesApplication
{
    /// <summary>Builds the application; nothing listens yet, and the database is opened when it starts.</summary>
    /// <param name="args">Configuration by command line, <c>--Services:DataDirectory DIR</c>.</param>
    /// <param name="configure">More configuration, or services such as another <see cref="TimeProvider"/>.</param>
    /// <exception cref="ServerConfigurationException">The configuration is not valid; the message has every fault.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        configure?.Invoke(builder);
        // A host in the same process may have brought a clock of its own.
        TimeProvider clock = builder.Services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))
            ?.ImplementationInstance as TimeProvider ?? TimeProvider.System;
        ServicesSettings settings = ServicesSettings.Read(builder.Configuration, clock);
        builder.Logging.AddWatchwordFilters();
        builder.WebHost.UseServicesListeners(settings);
        builder.Services.AddServices(settings, builder.Configuration.GetSection(ServicesSettings.AuthorizationSection));

        WebApplication application = builder.Build();
        application.UseServices();
        application.MapServices();
        return application;
    }

    // Options are bound once: watching the files would cost an inotify instance per host for nothing.
    internal static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"] });
}

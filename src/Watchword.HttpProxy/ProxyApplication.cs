using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;

namespace Watchword.HttpProxy;

/// <summary>The HTTP proxy as a web application, for the executable and for hosts in the same process.</summary>
public static class ProxyApplication
{
    /// <summary>Builds the application; nothing listens yet.</summary>
    /// <param name="args">Configuration by command line, <c>--Proxy:Listen:0 URL</c>.</param>
    /// <param name="configure">More configuration, or services such as another <see cref="TimeProvider"/>.</param>
    /// <param name="observe">More of the pipeline, in front of everything that forwards: for who watches what passes.</param>
    /// <exception cref="ServerConfigurationException">The configuration is not valid; the message has every fault.</exception>
    public static WebApplication Create(
        string[] args, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? observe = null)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        configure?.Invoke(builder);
        // A host in the same process may have brought a clock of its own.
        TimeProvider clock = builder.Services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))
            ?.ImplementationInstance as TimeProvider ?? TimeProvider.System;
        ProxySettings settings = ProxySettings.Read(builder.Configuration, clock);
        builder.Logging.AddWatchwordFilters();
        // Its lines hold the URL of each request, and identities are part of paths.
        builder.Logging.AddFilter("Yarp", LogLevel.None);
        builder.WebHost.UseProxyListeners(settings);
        builder.Services.AddHttpProxy(settings);

        WebApplication application = builder.Build();
        application.UseHttpProxy(observe);
        return application;
    }

    // Options are bound once: watching the files would cost an inotify instance per host for nothing.
    internal static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"] });
}

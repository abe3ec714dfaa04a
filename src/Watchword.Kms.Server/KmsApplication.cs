using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server;

/// <summary>The KMS as a web application, for the executable and for hosts in the same process.</summary>
public static class KmsApplication
{
    /// <summary>Builds the application; nothing listens yet, and the security domain is opened when it starts.</summary>
    /// <param name="args">Configuration by command line, <c>--Kms:DataDirectory DIR</c>.</param>
    /// <param name="configure">More configuration, or services such as another <see cref="TimeProvider"/>.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>, with every fault.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        configure?.Invoke(builder);
        // A host in the same process may have brought a clock of its own.
        TimeProvider? clock = builder.Services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))
            ?.ImplementationInstance as TimeProvider;
        KmsSettings settings = KmsSettings.Read(builder.Configuration, clock);
        builder.Logging.AddWatchwordFilters();
        builder.WebHost.UseKmsTls(settings);
        builder.Services.AddKms(settings, builder.Configuration.GetSection("Authorization"));

        WebApplication application = builder.Build();
        application.UseKms();
        application.MapKms();
        return application;
    }

    // Options are bound once: watching the files would cost an inotify instance per host for nothing.
    internal static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"] });
}

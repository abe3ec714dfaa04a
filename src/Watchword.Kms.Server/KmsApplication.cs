using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Observability;

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
        // Options are bound once: watching the files would cost an inotify instance per host for nothing.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"] });
        configure?.Invoke(builder);
        KmsSettings settings = KmsSettings.Read(builder.Configuration);
        builder.Logging.AddKmsFilters();
        builder.WebHost.UseKmsTls(settings);
        builder.Services.AddKms(settings, builder.Configuration.GetSection("Authorization"));

        WebApplication application = builder.Build();
        application.UseKms();
        application.MapKms();
        return application;
    }
}

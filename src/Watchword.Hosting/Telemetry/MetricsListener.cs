using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Watchword.Hosting;

/// <summary>
/// The listener for metrics and health. Its connections carry a mark: <c>/metrics</c> exists on no other listener, and nothing
/// else exists on this one.
/// </summary>
public sealed class MetricsListener
{
    private const string MetricsPath = "/metrics";

    private static readonly MetricsListener Mark = new();

    private MetricsListener()
    {
    }

    /// <summary>Opens the listener, if one is configured. To be called last: the first address is the one of clients.</summary>
    public static void Listen(KestrelServerOptions kestrel, TelemetrySettings settings, ReloadingCertificate certificates)
    {
        if (settings.MetricsListener is not { } address)
        {
            return;
        }

        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip))
        {
            kestrel.Listen(ip, address.Port, Configure);
        }
        else if (address.Host != "localhost")
        {
            kestrel.ListenAnyIP(address.Port, Configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, Configure);
        }

        void Configure(ListenOptions listener)
        {
            listener.Use(next => connection =>
            {
                connection.Features.Set(Mark);
                return next(connection);
            });
            if (address.Scheme == Uri.UriSchemeHttps)
            {
                HttpsConnectionAdapterOptions https = new();
                TlsProfile.Apply(https, certificates);
                listener.UseHttps(https);
            }
        }
    }

    /// <summary>Answers what comes in on this listener, before anything else sees it.</summary>
    public static void Use(WebApplication application)
    {
        if (application.Services.GetService<TelemetrySettings>()?.MetricsListener is null)
        {
            return;
        }

        application.MapWhen(context => context.Features.Get<MetricsListener>() is not null, branch =>
        {
            branch.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == MetricsPath);
            branch.UseHealthChecks(HealthAnswer.LivePath, HealthAnswer.Live);
            branch.UseHealthChecks(HealthAnswer.ReadyPath, HealthAnswer.Ready);
            branch.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }
}

using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Watchword.Hosting;

/// <summary>
/// Wires OpenTelemetry. Spans come from our own sources alone: those of ASP.NET Core carry the path and query of the request, the
/// user agent and whatever a client sends as trace state, and identities are part of paths.
/// </summary>
public static class TelemetryRegistration
{
    private static readonly string[] RuntimeMeters =
    [
        "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Authentication", "Watchword.Authorization",
    ];

    /// <summary>Adds exporters for what is configured.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">What is wanted.</param>
    /// <param name="names">Who the server is.</param>
    /// <param name="instance"><c>service.instance.id</c>; null for one made at random.</param>
    public static void AddWatchwordTelemetry(
        this IServiceCollection services, TelemetrySettings settings, ServerNames names, string? instance)
    {
        services.AddSingleton(settings);
        if (!settings.IsOn)
        {
            return;
        }

        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            names.Service,
            serviceVersion: typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion,
            autoGenerateServiceInstanceId: instance is null,
            serviceInstanceId: instance));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter([names.Source, .. RuntimeMeters]);
            if (settings.MetricsListener is not null)
            {
                metrics.AddPrometheusExporter();
            }

            if (settings.Collector is { } collector)
            {
                metrics.AddOtlpExporter(otlp => Configure(otlp, settings.CollectorProtocol, collector, "v1/metrics"));
            }
        });
        if (settings.Collector is { } receiver)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(names.Source)
                .AddOtlpExporter(otlp => Configure(otlp, settings.CollectorProtocol, receiver, "v1/traces")));
        }
    }

    private static void Configure(OtlpExporterOptions otlp, OtlpProtocol protocol, Uri collector, string path)
    {
        otlp.Protocol = protocol == OtlpProtocol.Http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // The exporter adds the paths of the signals only to an endpoint that it took from the environment.
        otlp.Endpoint = protocol == OtlpProtocol.Http
            ? new Uri(collector.AbsoluteUri.TrimEnd('/') + "/" + path)
            : collector;
    }
}

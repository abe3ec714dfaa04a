using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Watchword.Hosting;

/// <summary>The checked section <c>Telemetry</c>.</summary>
public sealed class TelemetrySettings
{
    private const string Section = "Telemetry";

    private TelemetrySettings(TelemetryOptions options, ConfigurationFaults faults)
    {
        if (options.Otlp is { } otlp)
        {
            Collector = CheckCollector(otlp, faults);
            CollectorProtocol = otlp.Protocol;
        }

        if (options.Metrics is { } metrics)
        {
            MetricsListener = CheckListener(metrics.Listen, faults);
        }
    }

    /// <summary>Where metrics and traces are sent; null for nowhere.</summary>
    public Uri? Collector { get; }

    /// <summary>How the collector is spoken to.</summary>
    public OtlpProtocol CollectorProtocol { get; }

    /// <summary>Where metrics can be fetched; null for nowhere.</summary>
    public BindingAddress? MetricsListener { get; }

    /// <summary>True if anybody wants to know.</summary>
    public bool IsOn => Collector is not null || MetricsListener is not null;

    /// <summary>Reads and checks the section.</summary>
    public static TelemetrySettings Read(IConfiguration configuration, ConfigurationFaults faults) =>
        new(OptionsReader.Read<TelemetryOptions>(configuration, Section, faults), faults);

    private static Uri? CheckCollector(OtlpOptions otlp, ConfigurationFaults faults)
    {
        if (Uri.TryCreate(otlp.Endpoint, UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            return url;
        }

        faults.Add($"{Section}:Otlp:Endpoint", "is no https URL", "write https://HOST:4317, or http:// on this machine");
        return null;
    }

    private static BindingAddress? CheckListener(string text, ConfigurationFaults faults)
    {
        try
        {
            BindingAddress address = BindingAddress.Parse(text);
            bool loopback = address.Host == "localhost"
                || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
            if (address.PathBase.Length == 0 && !address.IsUnixPipe && !address.IsNamedPipe
                && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && loopback)))
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Reported below.
        }

        faults.Add($"{Section}:Metrics:Listen", "is neither an https URL without path nor http on a loopback address",
            "write http://127.0.0.1:9464, or https://ADDRESS:PORT");
        return null;
    }
}

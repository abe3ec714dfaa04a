using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using Watchword.Hosting;
using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Observability;

/// <summary>What the proxy measures beside <see cref="ServerMetrics"/>. Tags are numbers and names of routes.</summary>
internal sealed class ProxyMetrics
{
    /// <summary>The proxy in telemetry.</summary>
    public static readonly ServerNames Names = new("watchword-proxy", "Watchword.HttpProxy", "watchword.proxy");

    private readonly Counter<long> _refused;
    private readonly Counter<long> _failures;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public ProxyMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Names.Source);
        _refused = meter.CreateCounter<long>(
            "watchword.proxy.requests.refused", "{request}", "Requests that the proxy itself answered with an error.");
        _failures = meter.CreateCounter<long>(
            "watchword.proxy.destination.failures", "{failure}", "Attempts to have a server behind the proxy answer that failed.");
    }

    public void Refused(ProxyError error) => _refused.Add(1, Tag(error));

    public void DestinationFailed(string route, ProxyError error) => _failures.Add(1, new("http.route", route), Tag(error));

    private static KeyValuePair<string, object?> Tag(ProxyError error) =>
        new("error.type", ((int)error).ToString(CultureInfo.InvariantCulture));
}

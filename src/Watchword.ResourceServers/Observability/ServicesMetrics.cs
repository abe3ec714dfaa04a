using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using Watchword.Hosting;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Observability;

/// <summary>What the services measure beside <see cref="ServerMetrics"/>. Tags are numbers, never identities.</summary>
internal sealed class ServicesMetrics
{
    /// <summary>The services in telemetry.</summary>
    public static readonly ServerNames Names = new("watchword-services", "Watchword.ResourceServers", "watchword.services");

    private readonly Counter<long> _refused;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public ServicesMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Names.Source);
        _refused = meter.CreateCounter<long>(
            "watchword.services.requests.refused", "{request}", "Requests over HTTP that were answered with an error.");
    }

    public void Refused(ServicesError error) =>
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", ((int)error).ToString(CultureInfo.InvariantCulture)));
}

using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using Watchword.Hosting;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.Observability;

/// <summary>What the services measure beside <see cref="ServerMetrics"/>. Tags are numbers, never identities.</summary>
internal sealed class ServicesMetrics
{
    /// <summary>The services in telemetry.</summary>
    public static readonly ServerNames Names = new("watchword-services", "Watchword.ResourceServers", "watchword.services");

    private readonly Counter<long> _refused;
    private readonly Counter<long> _changed;
    private readonly Counter<long> _notified;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public ServicesMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Names.Source);
        _refused = meter.CreateCounter<long>(
            "watchword.services.requests.refused", "{request}", "Requests over HTTP that were answered with an error.");
        _changed = meter.CreateCounter<long>(
            "watchword.services.documents.changed", "{change}", "Changes of documents, by usage and operation.");
        _notified = meter.CreateCounter<long>(
            "watchword.services.documents.notifications", "{notification}", "NOTIFY about documents, by outcome.");
    }

    public void Refused(ServicesError error) =>
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", ((int)error).ToString(CultureInfo.InvariantCulture)));

    /// <summary>A document of one of the usages of this process was changed.</summary>
    public void Changed(XcapOperation operation, string auid) => _changed.Add(
        1, new KeyValuePair<string, object?>("operation", operation.ToString()), new KeyValuePair<string, object?>("auid", auid));

    /// <summary>A NOTIFY about documents was answered, or was not.</summary>
    public void Notified(NotifyOutcome outcome) =>
        _notified.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
}

using System.Diagnostics.Metrics;
using System.Globalization;

namespace Watchword.Kms.Server.Observability;

/// <summary>The meter <c>Watchword.Kms</c>.</summary>
internal sealed class KmsMetrics : IDisposable
{
    private const string CertUpdateQuery = "certupdatequery";
    private readonly Meter _meter;
    private readonly Counter<long> _issued;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unknown;

    public KmsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Watchword.Kms");
        _issued = _meter.CreateCounter<long>("watchword.kms.key_sets.issued", "{key_set}", "Key sets given out.");
        _refused = _meter.CreateCounter<long>("watchword.kms.requests.refused", "{request}", "Requests answered with an error.");
        _unknown = _meter.CreateCounter<long>(
            "watchword.kms.requests.unknown_resource", "{request}", "Requests for resources that TS 33.180 D.2 does not have.");
    }

    public void Dispose() => _meter.Dispose();

    public void Issued(int count) => _issued.Add(count);

    public void Refused(int number) =>
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A request for a resource of no release; only names of deployed clients become a label.</summary>
    public void UnknownResource(string? name) =>
        _unknown.Add(1, new KeyValuePair<string, object?>("resource", name is CertUpdateQuery ? CertUpdateQuery : "other"));
}

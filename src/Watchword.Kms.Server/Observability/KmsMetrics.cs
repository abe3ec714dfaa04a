using System.Diagnostics.Metrics;
using System.Globalization;

namespace Watchword.Kms.Server.Observability;

/// <summary>The meter <c>Watchword.Kms</c>.</summary>
internal sealed class KmsMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _issued;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _verified;

    public KmsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Watchword.Kms");
        _issued = _meter.CreateCounter<long>("watchword.kms.key_sets.issued", "{key_set}", "Key sets given out.");
        _refused = _meter.CreateCounter<long>("watchword.kms.requests.refused", "{request}", "Requests answered with an error.");
        _verified = _meter.CreateCounter<long>("watchword.kms.requests.signed", "{request}", "Signed requests taken.");
    }

    public void Dispose() => _meter.Dispose();

    public void SignatureVerified() => _verified.Add(1);

    public void Issued(int count) => _issued.Add(count);

    public void Refused(int number) =>
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", number.ToString(CultureInfo.InvariantCulture)));
}

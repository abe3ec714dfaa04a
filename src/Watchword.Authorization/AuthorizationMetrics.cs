using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Watchword.Authorization;

/// <summary>Counters of the meter <c>Watchword.Authorization</c>. Tags have few values: never an identity.</summary>
internal sealed class AuthorizationMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _fetches;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public AuthorizationMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(AccessTokenDefaults.MeterName);
        _accepted = meter.CreateCounter<long>(
            "watchword.authorization.accepted", "{token}", "Access tokens that were found valid, by issuer.");
        _refused = meter.CreateCounter<long>(
            "watchword.authorization.refused", "{request}", "Requests that were refused, by fault.");
        _fetches = meter.CreateCounter<long>(
            "watchword.authorization.key_fetches", "{fetch}", "Fetches of an issuer's key set, by issuer and outcome.");
    }

    public void Accepted(string issuer) => _accepted.Add(1, new KeyValuePair<string, object?>("issuer", issuer));

    public void Refused(AuthorizationFault fault) =>
        _refused.Add(1, new("fault", fault.ToString()), new KeyValuePair<string, object?>("code", (int)fault));

    public void KeysFetched(string issuer, bool ok) =>
        _fetches.Add(1, new("issuer", issuer), new KeyValuePair<string, object?>("outcome", ok ? "ok" : "failed"));
}

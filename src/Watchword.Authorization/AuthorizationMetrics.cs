using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Watchword.Authorization;

/// <summary>Counters of the meter <c>Watchword.Authorization</c>. Tags have few values: never an identity.</summary>
internal sealed class AuthorizationMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _events;
    private readonly Counter<long> _introspections;
    private readonly Counter<long> _silentAllowed;

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
        _events = meter.CreateCounter<long>(
            "watchword.authorization.events", "{event}", "Security events and heartbeats of an issuer, by issuer and outcome.");
        _introspections = meter.CreateCounter<long>(
            "watchword.authorization.introspections", "{request}", "Introspections at an issuer, by issuer and outcome.");
        _silentAllowed = meter.CreateCounter<long>(
            "watchword.authorization.silent_issuer_allowed",
            "{token}",
            "Tokens that passed although their issuer was silent, by issuer.");
    }

    public void Accepted(string issuer) => _accepted.Add(1, new KeyValuePair<string, object?>("issuer", issuer));

    public void Refused(AuthorizationFault fault) =>
        _refused.Add(1, new("fault", fault.ToString()), new KeyValuePair<string, object?>("code", (int)fault));

    public void EventJudged(string issuer, StreamOutcome outcome) =>
        _events.Add(1, new("issuer", issuer), new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Introspected(string issuer, string outcome) =>
        _introspections.Add(1, new("issuer", issuer), new KeyValuePair<string, object?>("outcome", outcome));

    public void SilentIssuerAllowed(string issuer) => _silentAllowed.Add(1, new KeyValuePair<string, object?>("issuer", issuer));

    public void KeysFetched(string issuer, bool ok) =>
        _fetches.Add(1, new("issuer", issuer), new KeyValuePair<string, object?>("outcome", ok ? "ok" : "failed"));
}

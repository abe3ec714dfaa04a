using System.Diagnostics.Metrics;
using Watchword.ResourceServers.Mcx.Authorization;

namespace Watchword.ResourceServers.Mcx.Observability;

/// <summary>What carried a message.</summary>
internal enum BindingCarrier
{
    /// <summary>A third-party REGISTER.</summary>
    Register = 0,

    /// <summary>A PUBLISH.</summary>
    Publish = 1,

    /// <summary>A SUBSCRIBE.</summary>
    Subscribe = 2,
}

/// <summary>Counters of the MCX server; no tag holds an identity.</summary>
internal sealed class McxInstruments
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Watchword.Services.Mcx";

    private readonly Counter<long> _authorizations;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _downloads;

    /// <param name="meters">Makes the meter.</param>
    public McxInstruments(IMeterFactory meters)
    {
#pragma warning disable CA2000 // The factory owns it.
        Meter meter = meters.Create(MeterName);
#pragma warning restore CA2000
        _authorizations = meter.CreateCounter<long>(
            "watchword.services.mcx.authorizations", "{message}", "Messages about service authorisation, by outcome.");
        _dropped = meter.CreateCounter<long>(
            "watchword.services.mcx.bindings.dropped", "{binding}", "Bindings that a security event ended.");
        _downloads = meter.CreateCounter<long>(
            "watchword.services.mcx.downloads", "{attempt}", "Attempts of key downloads, by result.");
    }

    /// <summary>Counts an answer.</summary>
    public void Count(ServiceAnswer answer, BindingCarrier carrier) => _authorizations.Add(
        1, new("outcome", answer.Outcome.ToString()), new("service", answer.Service?.Name ?? "none"), new("carrier", carrier.ToString()));

    /// <summary>Counts bindings that a security event ended.</summary>
    public void Dropped(int count) => _dropped.Add(count);

    /// <summary>Counts an attempt of a key download.</summary>
    public void Download(string result) => _downloads.Add(1, new KeyValuePair<string, object?>("result", result));
}

using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.ResourceServers.Observability;

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
    private readonly Counter<long> _authorizations;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _downloads;
    private readonly Counter<long> _affiliations;

    /// <param name="meters">Makes the meter.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public McxInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(ServicesMetrics.Names.Source);
        _authorizations = meter.CreateCounter<long>(
            "watchword.services.mcx.authorizations", "{message}", "Messages about service authorisation, by outcome.");
        _dropped = meter.CreateCounter<long>(
            "watchword.services.mcx.bindings.dropped", "{binding}", "Bindings that a security event ended.");
        _downloads = meter.CreateCounter<long>(
            "watchword.services.mcx.downloads", "{attempt}", "Attempts of key downloads, by result.");
        _affiliations = meter.CreateCounter<long>(
            "watchword.services.mcx.affiliations", "{affiliation}", "Implicit affiliations, by result.");
    }

    /// <summary>Counts an answer.</summary>
    public void Count(ServiceAnswer answer, BindingCarrier carrier) => _authorizations.Add(
        1, new("outcome", answer.Outcome.ToString()), new("service", answer.Service?.Name ?? "none"),
            new("carrier", carrier.ToString()));

    /// <summary>Counts bindings that a security event ended.</summary>
    public void Dropped(int count) => _dropped.Add(count);

    /// <summary>Counts an attempt of a key download.</summary>
    public void Download(string result) => _downloads.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>Counts what came of looking up a client's groups; a profile that could not be had counts as one.</summary>
    public void Affiliated(McServiceKind service, AffiliationResult result, bool isKnown)
    {
        Add("made", result.Made);
        Add("left_out", result.LeftOut);
        Add("profile_unavailable", isKnown ? 0 : 1);

        void Add(string name, int count)
        {
            if (count > 0)
            {
                _affiliations.Add(count, new("result", name), new("service", McServiceNames.Of(service).Name));
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Observability;

/// <summary>What the host of the KMS measures, on the meter <c>Watchword.Kms</c>; <see cref="IssuanceInstruments"/> has the rest.
/// Tags have few values, none of them an identity.</summary>
internal sealed class KmsMetrics
{
    private const string CertUpdateQuery = "certupdatequery";

    /// <summary>The KMS in telemetry.</summary>
    public static readonly ServerNames Names = new("watchword-kms", IssuanceInstruments.SourceName, "watchword.kms");

    private readonly Counter<long> _refused;
    private readonly Counter<long> _storeFailures;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _verified;
    private readonly Counter<long> _quirks;
    private readonly Counter<long> _profiles;
    private readonly Counter<long> _shadow;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public KmsMetrics(IMeterFactory meters, KmsState state)
    {
        Meter meter = meters.Create(Names.Source);
        _refused = meter.CreateCounter<long>("watchword.kms.requests.refused", "{request}", "Requests answered with an error.");
        _verified = meter.CreateCounter<long>("watchword.kms.requests.signed", "{request}", "Signed requests taken.");
        _unknown = meter.CreateCounter<long>(
            "watchword.kms.requests.unknown_resource", "{request}", "Requests for resources that TS 33.180 D.2 does not have.");
        _quirks = meter.CreateCounter<long>("watchword.kms.quirks", "{quirk}", "Quirks of clients that were met.");
        _profiles = meter.CreateCounter<long>(
            "watchword.kms.profiles", "{request}", "Requests by the profile that they were judged under.");
        _shadow = meter.CreateCounter<long>(
            "watchword.kms.shadow.would_refuse", "{request}", "Requests served that a rule in the shadow would refuse.");
        _storeFailures = meter.CreateCounter<long>(
            "watchword.kms.store.failures", "{failure}", "Times that the store did not answer.");
        meter.CreateObservableGauge(
            "watchword.kms.domain.info", () => Describe(state), "{domain}",
            "1 for each generation of each domain served, with its state here.");
    }

    public void Refused(int number)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("error.type", number.ToString(CultureInfo.InvariantCulture)));
        if (number == (int)KmsError.StoreUnavailable)
        {
            StoreFailed();
        }
    }

    /// <summary>A request for a resource of no release; only names of deployed clients become a label.</summary>
    public void UnknownResource(string? name) =>
        _unknown.Add(1, new KeyValuePair<string, object?>("resource", name is CertUpdateQuery ? CertUpdateQuery : "other"));

    /// <summary>A quirk of a client, by number and name.</summary>
    public void QuirkSeen(Quirk quirk, ClientProfileKind profile) => _quirks.Add(
        1,
        new("watchword.kms.quirk", string.Create(CultureInfo.InvariantCulture, $"Q{(int)quirk}")),
        new("watchword.kms.quirk.name", quirk.ToString()),
        new("watchword.kms.profile", profile.ToString()));

    /// <summary>The profile of a request, and what named it.</summary>
    public void ProfileChosen(ClientProfileKind profile, ProfileSource source) => _profiles.Add(
        1, new("watchword.kms.profile", profile.ToString()), new("watchword.kms.profile.source", source.ToString()));

    /// <summary>A request that a rule in the shadow would refuse.</summary>
    public void WouldRefuse(StrictRule rule, KmsError error, ClientProfileKind profile) => _shadow.Add(
        1,
        new("watchword.kms.rule", rule.ToString()),
        new("error.type", ((int)error).ToString(CultureInfo.InvariantCulture)),
        new("watchword.kms.profile", profile.ToString()));

    public void SignatureVerified() => _verified.Add(1);

    public void StoreFailed() => _storeFailures.Add(1);

    private static IEnumerable<Measurement<long>> Describe(KmsState state) =>
        from domain in state.Domains
        from generation in domain.Issuer.Domain.Generations.All
        select new Measurement<long>(
            1,
            new("watchword.kms.uri", domain.KmsUri),
            new("watchword.kms.generation", generation.Number),
            new("watchword.kms.generation.state", generation.Fault is null ? generation.State.ToString() : "Fault"));
}

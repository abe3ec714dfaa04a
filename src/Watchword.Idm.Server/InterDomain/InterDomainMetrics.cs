using System.Diagnostics.Metrics;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>Counts grants between domains by their outcome.</summary>
internal sealed class InterDomainMetrics(IMeterFactory meters)
{
    private readonly Counter<long> grants = meters.Create(IdmSettings.Names.Source).CreateCounter<long>(
        "watchword.idm.inter_domain.grants", "{grant}", "Token exchanges and security tokens, by outcome.");

    public void Exchanged(ExchangeRefusal? refusal) => Count("token-exchange", refusal?.ToString());

    public void Redeemed(SecurityTokenRefusal? refusal) => Count("security-token", refusal?.ToString());

    private void Count(string grant, string? refusal) => grants.Add(
        1, new KeyValuePair<string, object?>("grant", grant), new KeyValuePair<string, object?>("outcome", refusal ?? "Granted"));
}

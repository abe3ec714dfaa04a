using System.Globalization;
using Watchword.Client;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.ResourceServers;

namespace Watchword.Lab.Walk;

/// <summary>What the servers of both domains hold at the end of the walk, from their own databases and health endpoints.</summary>
internal sealed class StateWalk(WalkRunner runner, RunningLab lab)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (RunningDomain domain in (RunningDomain[])[lab.Home, lab.Allied])
        {
            await runner.StepAsync(
                $"the state of the services of {domain.Site.Names.IdentityDomain}", "counts and names, no secrets", async facts =>
                {
                    await ShowHealthAsync(domain.Site, facts, cancellation);
                    await ShowServicesAsync(domain, facts, cancellation);
                    await ShowIssuancesAsync(domain.Site, facts, cancellation);
                });
        }
    }

    private static async Task ShowHealthAsync(LabSite site, WalkFacts facts, CancellationToken cancellation)
    {
        using TlsTrust trust = TlsTrust.FromCaFile(site.Ca.CaFile);
        using HttpClient http = new(trust.CreateHandler());
        foreach ((string name, string url) in ((string, string)[])
            [("IdM server", site.Ports.IdmUrl), ("KMS", site.Ports.KmsUrl), ("services", site.Ports.ServicesUrl), ("HTTP proxy", site.Ports.ProxyUrl)])
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(url + "/health/ready"), cancellation);
            facts.Require(response.IsSuccessStatusCode, $"{name} {url}: ready");
        }
    }

    private async Task ShowServicesAsync(RunningDomain domain, WalkFacts facts, CancellationToken cancellation)
    {
        ServicesReport report = await domain.Services.Application.Services.DescribeServicesAsync(cancellation);
        facts.Add($"MCX server: {Counts(report.AuthorizedClients, "client is authorised")}");
        facts.Add(string.Create(CultureInfo.InvariantCulture, $"subscriptions: {report.Subscriptions}"));
        facts.Add($"documents: {Counts(report.Documents, "document")}");
        foreach (GroupReport group in report.Groups)
        {
            facts.Require(
                group.CurrentKeyId is not null && group.Holders.All(group.Members.Contains),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"group {group.GroupUri}: generation {group.Generations}, GMK-ID {group.CurrentKeyId:X8}, for {string.Join(", ", group.Holders)}"));
        }

        bool isAllied = domain == lab.Allied;
        facts.Require(
            report.Groups.Any(group => group.GroupUri == InterDomainWalk.Group) == isAllied,
            isAllied ? "the guests' group is here" : "the group of the other domain is not here");
    }

    private static async Task ShowIssuancesAsync(LabSite site, WalkFacts facts, CancellationToken cancellation)
    {
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(site.Directories.KmsDatabase), site.Time, cancellationToken: cancellation);
        Dictionary<string, HashSet<string>> identities = new(StringComparer.Ordinal);
        Dictionary<string, int> keySets = new(StringComparer.Ordinal);
        int denied = 0;
        await foreach (AuditRecord record in store.ReadAuditAsync(after: 0, cancellation))
        {
            AuditEntry entry = record.Entry;
            denied += entry.Kind == AuditKind.Denied ? 1 : 0;
            if (entry.Kind == AuditKind.Outcome && entry.Result == 0)
            {
                keySets[entry.KmsUri] = keySets.GetValueOrDefault(entry.KmsUri) + entry.KeySets.Count;
                _ = identities.TryAdd(entry.KmsUri, new HashSet<string>(StringComparer.Ordinal));
                identities[entry.KmsUri].UnionWith(entry.KeySets.Select(set => set.UserUri));
            }
        }

        foreach ((string kmsUri, int count) in keySets.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            facts.Require(
                count > 0,
                string.Create(CultureInfo.InvariantCulture, $"{kmsUri}: {count} key sets given out, for {string.Join(", ", identities[kmsUri].Order(StringComparer.Ordinal))}"));
        }

        facts.Add(string.Create(CultureInfo.InvariantCulture, $"requests that the KMS denied: {denied}"));
    }

    private static string Counts(IReadOnlyDictionary<string, int> counts, string none) => counts.Count == 0
        ? $"no {none}"
        : string.Join(", ", counts.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
}

using Microsoft.AspNetCore.Hosting.Server;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Opens the security domains before anything listens. It never creates one: without a domain the start is
/// refused.</summary>
internal sealed class KmsStartup(
    KmsSettings settings, KmsState state, IServer server, TimeProvider time, ILogger<KmsStartup> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        settings.Data.RequireOwnerOnly();

        // What is opened here ends with the container, also if the start is refused later on.
        KmsStore store = await KmsStore.OpenAsync(settings.Store.Database(), time, cancellationToken);
        state.Own(store);
        IReadOnlyDictionary<string, DomainSettings> wanted = await MatchAsync(store, cancellationToken);
        EnvelopeCustody custody = CustodySetup.Open(settings.Custody, settings.Data);
        state.Own(custody);
        KmsInstallation installation = await KmsInstallation.OpenAsync(
            store,
            custody,
            wanted.ToDictionary(domain => domain.Key, domain => domain.Value.Policy),
            time,
            cancellationToken);
        await ReportAsync(custody, cancellationToken);
        state.Open(
            installation,
            [.. wanted.Select(domain => new ServedDomain(
                installation.Find(domain.Key)!, domain.Value, new PublicUrls(domain.Value.PublicBaseUrls, server)))],
            anyAuthority: settings.Domains is [{ KmsUri: null }]);
        foreach (ServedDomain domain in state.Domains)
        {
            log.DomainChanged(domain.Issuer.Domain);
        }
    }

    /// <summary>The configuration of each domain of the store that is to be served, by KMS URI.</summary>
    private async Task<IReadOnlyDictionary<string, DomainSettings>> MatchAsync(
        KmsStore store, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> records = await store.FindGenerationsAsync(cancellationToken);
        string[] known = [.. records.Select(record => record.KmsUri).Distinct(StringComparer.Ordinal)];
        if (known.Length == 0)
        {
            throw new KmsException(KmsError.NoDomain, "Kms:Store");
        }

        // Both ways: a lab that took over a real domain would treat its secrets as toys.
        if (records.FirstOrDefault(record => record.IsLabData != settings.IsLab) is { } other)
        {
            throw new KmsException(KmsError.LabData, other.KmsUri);
        }

        if (settings.Domains is [{ KmsUri: null } only])
        {
            return known.Length == 1
                ? new Dictionary<string, DomainSettings> { [known[0]] = only }
                : throw new KmsException(KmsError.DomainNotChosen, "Kms:Domains");
        }

        foreach (string unserved in known.Except(settings.Domains.Select(domain => domain.KmsUri!), StringComparer.Ordinal))
        {
            log.DomainNotServed(unserved);
        }

        return settings.Domains.ToDictionary(domain => domain.KmsUri!);
    }

    private async Task ReportAsync(EnvelopeCustody custody, CancellationToken cancellationToken)
    {
        log.CustodyOpened(settings.Custody.Kind);
        if (settings.Custody.Previous is not null)
        {
            int left = (await custody.ListAsync(cancellationToken)).Count(document => !document.IsCurrent);
            if (left > 0)
            {
                log.RewrapUnfinished(left);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

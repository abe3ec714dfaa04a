using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Opens the security domain before anything listens. It never creates one: without a domain the start is
/// refused.</summary>
internal sealed class KmsStartup(
    KmsSettings settings, KmsState state, TimeProvider time, ILogger<KmsStartup> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        settings.Data.RequireOwnerOnly();
        KmsStore store = await KmsStore.OpenAsync(settings.Store.Database(), time, cancellationToken);
        try
        {
            DomainRecord record = await store.FindActiveAsync(cancellationToken: cancellationToken)
                ?? throw new KmsException(KmsError.NoDomain, settings.Data.DatabasePath);
            // Both ways: a lab that took over a real domain would treat its secrets as toys.
            if (record.IsLabData != settings.IsLab)
            {
                throw new KmsException(KmsError.LabData, record.KmsUri);
            }

            using EnvelopeCustody custody = CustodySetup.Open(settings.Custody, settings.Data);
            SecurityDomain domain = await SecurityDomain.OpenAsync(store, custody, record.KmsUri, cancellationToken);
            await ReportAsync(custody, cancellationToken);
            state.Open(store, domain, new KeyIssuer(domain, store, settings.Policy, settings.FullCheckRate, time));
            log.DomainOpened(record.KmsUri, record.Generation);
        }
        catch
        {
            if (!state.IsOpen)
            {
                store.Dispose();
            }

            throw;
        }
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

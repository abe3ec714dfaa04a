using Microsoft.AspNetCore.Hosting.Server;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Opens the security domains before anything listens. It never creates one: without a domain the start is
/// refused.</summary>
internal sealed class KmsStartup(
    KmsSettings settings, KmsState state, IServer server, TimeProvider time, IssuanceInstruments instruments,
    PreparationInstruments preparing, ILogger<KmsStartup> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        OpenedDomains opened = await DomainOpening.OpenAsync(
            settings, time, instruments, cancellationToken, preparing);
        await CreateSealingKeysAsync(opened, cancellationToken);
        await ReportAsync(opened.Custody, cancellationToken);
        state.Open(
            opened,
            [.. opened.Settings.Select(domain => new ServedDomain(
                opened.Installation.Find(domain.Key)!, domain.Value, new PublicUrls(domain.Value.PublicBaseUrls, server)))],
            anyAuthority: settings.OnlyDomain is not null);
        foreach (string unserved in opened.Unserved)
        {
            log.DomainNotServed(unserved);
        }

        foreach (ServedDomain domain in state.Domains)
        {
            log.DomainChanged(domain.Issuer.Domain);
        }
    }

    /// <summary>An installation that was made before keys could be prepared ahead gets the sealing keys when that is turned
    /// on.</summary>
    private static async Task CreateSealingKeysAsync(OpenedDomains opened, CancellationToken cancellationToken)
    {
        if (opened.Prepared is not null)
        {
            foreach (string kmsUri in opened.Settings.Keys)
            {
                (await opened.Custody.OpenSealerAsync(kmsUri, PreparedKeyVault.Purpose, cancellationToken)).Dispose();
            }
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

using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Opens the security domain before anything listens. It never creates one: without a domain the start is
/// refused.</summary>
internal sealed class KmsStartup(
    KmsSettings settings, KmsState state, TimeProvider time, IssuanceInstruments instruments, ILogger<KmsStartup> log)
        : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        (SqliteKmsStore store, SecurityDomain domain) = await DomainOpening.OpenAsync(settings, time, cancellationToken);
        state.Open(store, domain, new KeyIssuer(domain, store, settings.Policy, settings.FullCheckRate, time, instruments));
        log.DomainOpened(domain.Record.KmsUri, domain.Record.Generation);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Storage;

/// <summary>Removes what has expired. Nothing depends on when: what has expired is not seen any more.</summary>
internal sealed class BindingUpkeep(ServicesTransactions transactions, TimeProvider time, ILogger<BindingUpkeep> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Removes it now.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        int gone = await transactions.RunAsync(
            (context, ct) => McxBindings.PurgeAsync(context, time.GetUtcNow(), ct), cancellationToken);
        if (gone > 0)
        {
            log.BindingsExpired(gone);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.PurgeFailed(fault);
            }
        }
    }
}

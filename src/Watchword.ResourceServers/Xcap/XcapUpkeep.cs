using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Watchword.ResourceServers.Observability;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Xcap;

/// <summary>Forgets changes of documents that everybody has had the time to read.</summary>
internal sealed class XcapUpkeep(ServicesTransactions transactions, TimeProvider time, ILogger<XcapUpkeep> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using PeriodicTimer timer = new(Interval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ForgetAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset limit = time.GetUtcNow() - Keep;
        try
        {
            await transactions.RunAsync(
                (context, cancellation) =>
                    context.Set<XcapChangeRow>().Where(row => row.At < limit).ExecuteDeleteAsync(cancellation),
                cancellationToken);
        }
        catch (DbException fault)
        {
            // The next hour does it.
            log.UpkeepFailed(fault);
        }
    }
}

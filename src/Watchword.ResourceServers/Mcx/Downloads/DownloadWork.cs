using Microsoft.EntityFrameworkCore;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Downloads;

/// <summary>
/// Works on ordered downloads: sends what is due, notes the result, waits longer after each failure. A CSK takes the place of the old
/// one when the client answered 2xx. What was ordered survives a restart.
/// </summary>
internal sealed class DownloadWork(
    KeyDownloads orders, DownloadSender sender, ServicesTransactions transactions, TimeProvider time, McxInstruments instruments,
    ILogger<DownloadWork> log)
    : BackgroundService
{
    private const int MaxAttempts = 10;
    private const int Batch = 32;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    /// <summary>Sends everything that is due now.</summary>
    /// <returns>When the next is due; null if none is waiting.</returns>
    public async Task<DateTimeOffset?> RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await FindDueAsync(cancellationToken) is { Count: > 0 } due)
        {
            await Task.WhenAll(due.Select(row => AttemptAsync(row, cancellationToken)));
        }

        return await transactions.ReadAsync(
            async (context, ct) => await context.Set<KeyDownloadRow>().Where(row => row.State == KeyDownloadState.Waiting)
                .OrderBy(row => row.DueAt).Select(row => (DateTimeOffset?)row.DueAt).FirstOrDefaultAsync(ct),
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Task ordered = orders.Ordered;
            TimeSpan wait = Idle;
            try
            {
                DateTimeOffset? next = await RunOnceAsync(stoppingToken);
                wait = next is { } at && at - time.GetUtcNow() < Idle ? at - time.GetUtcNow() : Idle;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.DownloadsHalted(fault);
            }

            Task sleep = Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, stoppingToken);
            _ = await Task.WhenAny(sleep, ordered);
        }
    }

    private Task<List<KeyDownloadRow>> FindDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        return transactions.ReadAsync(
            (context, ct) => context.Set<KeyDownloadRow>().AsNoTracking()
                .Where(row => row.State == KeyDownloadState.Waiting && row.DueAt <= now).OrderBy(row => row.DueAt)
                .Take(Batch).ToListAsync(ct),
            cancellationToken);
    }

    private async Task AttemptAsync(KeyDownloadRow row, CancellationToken cancellationToken)
    {
        BindingRow? binding = await transactions.ReadAsync(
            (context, ct) => McxBindings.FindAsync(context, row.Service, row.ServiceId, row.ClientId, time.GetUtcNow(), ct),
            cancellationToken);
        int? status = binding is null ? null : await sender.SendAsync(row, binding.Impu, cancellationToken);
        bool isDelivered = status is >= 200 and < 300;
        bool isGivenUp = !isDelivered && (binding is null || row.Attempts + 1 >= MaxAttempts);
        await transactions.RunAsync(
            async (context, ct) =>
            {
                await NoteAsync(context, row.Id, status, isDelivered, isGivenUp, ct);
                return 0;
            },
            cancellationToken);
        Tell(row, status, isDelivered, isGivenUp);
    }

    private async Task NoteAsync(
        DbContext context, Guid id, int? status, bool isDelivered, bool isGivenUp, CancellationToken ct)
    {
        KeyDownloadRow? row = await context.Set<KeyDownloadRow>().SingleOrDefaultAsync(r => r.Id == id, ct);
        if (row is not { State: KeyDownloadState.Waiting })
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        row.Attempts++;
        row.LastStatus = status;
        row.DueAt = now + WaitAfter(row.Attempts);
        row.State = isDelivered ? KeyDownloadState.Delivered : isGivenUp ? KeyDownloadState.Failed : KeyDownloadState.Waiting;
        if (isDelivered && UserKeyId.PurposeOf((uint)row.KeyId) == KeyPurpose.Csk
            && await McxBindings.FindAsync(context, row.Service, row.ServiceId, row.ClientId, now, ct) is { } binding)
        {
            // Sealed for the same client: the octets move as they are.
            binding.CskId = row.KeyId;
            binding.Csk = row.Key;
            binding.CskMessage = null;
        }

        row.Key = row.State == KeyDownloadState.Waiting ? row.Key : null;
    }

    private void Tell(KeyDownloadRow row, int? status, bool isDelivered, bool isGivenUp)
    {
        int attempt = row.Attempts + 1;
        if (isDelivered)
        {
            instruments.Download("delivered");
            log.DownloadDelivered(row.Id, attempt);
        }
        else if (isGivenUp)
        {
            instruments.Download("failed");
            log.DownloadFailed(row.Id, attempt, status);
        }
        else
        {
            instruments.Download("repeated");
            log.DownloadRepeated(row.Id, attempt, status);
        }
    }

    private static TimeSpan WaitAfter(int attempts)
    {
        TimeSpan wait = FirstWait * Math.Pow(2, Math.Min(attempts - 1, 16));
        return wait < MaxWait ? wait : MaxWait;
    }
}

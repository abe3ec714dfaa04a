using Microsoft.EntityFrameworkCore;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;

namespace Watchword.ResourceServers.Mcx.Downloads;

/// <summary>
/// Works on ordered downloads: sends what is due, notes the result, waits longer after each failure. A CSK takes the place of the
/// old one when the client answered 2xx. What was ordered survives a restart.
/// </summary>
internal sealed class DownloadWork(
    KeyDownloads orders, DownloadSender sender, ServicesTransactions transactions, TimeProvider time, McxInstruments instruments,
    ILogger<DownloadWork> log)
    : DueWork(orders.Ordered, TimeSpan.FromSeconds(30))
{
    private const int MaxAttempts = 10;
    private const int Batch = 32;

    // Longer than a transaction of SIP can take (64 T1, 32 s).
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Sends everything that is due now.</summary>
    /// <returns>When the next is due; null if none is waiting.</returns>
    public async Task<DateTimeOffset?> RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await ClaimDueAsync(cancellationToken) is { Count: > 0 } due)
        {
            await Task.WhenAll(due.Select(row => AttemptAsync(row, cancellationToken)));
        }

        return await transactions.ReadAsync(
            async (context, ct) => await context.Set<KeyDownloadRow>().Where(row => row.State == KeyDownloadState.Waiting)
                .OrderBy(row => row.DueAt).Select(row => (DateTimeOffset?)row.DueAt).FirstOrDefaultAsync(ct),
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override TimeProvider Clock => time;

    /// <inheritdoc/>
    protected override Task<DateTimeOffset?> WorkAsync(CancellationToken cancellationToken) => RunOnceAsync(cancellationToken);

    /// <inheritdoc/>
    protected override void Halted(Exception fault) => log.DownloadsHalted(fault);

    /// <summary>Takes what is due for this node: until the lease ends no other sends it, and if this one dies, another
    /// does.</summary>
    private Task<List<KeyDownloadRow>> ClaimDueAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        async (context, ct) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            List<KeyDownloadRow> due = await context.Set<KeyDownloadRow>()
                .Where(row => row.State == KeyDownloadState.Waiting && row.DueAt <= now).OrderBy(row => row.DueAt)
                .Take(Batch).ToListAsync(ct);
            due.ForEach(row => row.DueAt = now + Lease);
            return due;
        },
        cancellationToken);

    private async Task AttemptAsync(KeyDownloadRow row, CancellationToken cancellationToken)
    {
        BindingRow? binding = await transactions.ReadAsync(
            (context, ct) => McxBindings.FindAsync(context, row.Service, row.ServiceId, row.ClientId, time.GetUtcNow(), ct),
            cancellationToken);
        int? status = binding is null ? null : await sender.SendAsync(row, binding.Impu, cancellationToken);
        KeyDownloadRow? after = await transactions.RunAsync(
            (context, ct) => NoteAsync(context, row.Id, status, isBound: binding is not null, ct), CancellationToken.None);
        if (after is not null)
        {
            Tell(after);
        }
    }

    private async Task<KeyDownloadRow?> NoteAsync(DbContext context, Guid id, int? status, bool isBound, CancellationToken ct)
    {
        KeyDownloadRow? row = await context.Set<KeyDownloadRow>().SingleOrDefaultAsync(r => r.Id == id, ct);
        if (row is not { State: KeyDownloadState.Waiting })
        {
            return null;
        }

        DateTimeOffset now = time.GetUtcNow();
        row.Attempts++;
        row.LastStatus = status;
        row.DueAt = now + Backoff.After(row.Attempts);
        row.State = status is >= 200 and < 300 ? KeyDownloadState.Delivered
            : isBound && row.Attempts < MaxAttempts ? KeyDownloadState.Waiting
            : KeyDownloadState.Failed;
        if (row.State == KeyDownloadState.Delivered && UserKeyId.PurposeOf((uint)row.KeyId) == KeyPurpose.Csk
            && await McxBindings.FindAsync(context, row.Service, row.ServiceId, row.ClientId, now, ct) is { } binding)
        {
            // Sealed for the same client: the octets move as they are.
            binding.CskId = row.KeyId;
            binding.Csk = row.Key;
            binding.CskMessage = null;
        }

        row.Key = row.State == KeyDownloadState.Waiting ? row.Key : null;
        return row;
    }

    private void Tell(KeyDownloadRow row)
    {
        switch (row.State)
        {
            case KeyDownloadState.Delivered:
                instruments.Download("delivered");
                log.DownloadDelivered(row.Id, row.Attempts);
                break;
            case KeyDownloadState.Failed:
                instruments.Download("failed");
                log.DownloadFailed(row.Id, row.Attempts, row.LastStatus);
                break;
            default:
                instruments.Download("repeated");
                log.DownloadRepeated(row.Id, row.Attempts, row.LastStatus);
                break;
        }
    }
}

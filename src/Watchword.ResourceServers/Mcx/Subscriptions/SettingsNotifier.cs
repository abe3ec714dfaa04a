using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Subscriptions;

/// <summary>
/// Sends NOTIFY to subscribers of settings: what is due, one on its way for each subscription. The dialog is stored before a
/// NOTIFY leaves; what changes meanwhile is due again.
/// </summary>
internal sealed class SettingsNotifier(
    SettingsSubscriptions subscriptions, ServicesTransactions transactions, SipHost sip, TimeProvider time,
        ILogger<SettingsNotifier> log)
    : DueWork(subscriptions.Changed, TimeSpan.FromSeconds(1))
{
    private const int Batch = 64;

    // Longer than a transaction of SIP can take (64 T1, 32 s).
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Sends everything that is due now.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await ClaimAsync(cancellationToken) is { Count: > 0 } due)
        {
            await Task.WhenAll(due.Select(notification => SendAsync(notification, cancellationToken)));
        }
    }

    /// <inheritdoc/>
    protected override bool IsWanted => sip.HasCore;

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> WorkAsync(CancellationToken cancellationToken)
    {
        await RunOnceAsync(cancellationToken);
        return null;
    }

    /// <inheritdoc/>
    protected override void Halted(Exception fault) => log.NotifierHalted(fault);

    private Task<List<Notification>> ClaimAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        async (context, ct) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            List<SettingsSubscriptionRow> rows = await context.Set<SettingsSubscriptionRow>()
                .Where(row => row.DueAt <= now || row.ExpiresAt <= now).OrderBy(row => row.DueAt).Take(Batch).ToListAsync(ct);
            List<Notification> due = [];
            foreach (SettingsSubscriptionRow row in rows)
            {
                (SipRequest request, SubscriptionDialog next) = SettingsSubscriptions.Read(row).CreateNotify(now);
                row.Dialog = SettingsSubscriptions.Write(next);
                row.DueAt = now + Lease;
                if (await ReadAsync(context, row, now, ct) is { } document)
                {
                    SipBody.Write(request, SipBodyPart.Create(PocSettings.MediaType, document));
                }

                due.Add(new Notification(row.LocalTag, row.Version, request, IsLast: row.ExpiresAt <= now));
                if (row.ExpiresAt <= now)
                {
                    context.Remove(row);
                }
            }

            return due;
        },
        cancellationToken);

    /// <summary>The settings of all clients of a user; null if none published any.</summary>
    private static async Task<byte[]?> ReadAsync(
        DbContext context, SettingsSubscriptionRow row, DateTimeOffset now, CancellationToken ct)
    {
        List<byte[]> documents = await context.Set<BindingRow>()
            .Where(b => b.Service == row.Service && b.ServiceId == row.ServiceId && b.ExpiresAt > now && b.Settings != null)
            .Select(b => b.Settings!).ToListAsync(ct);
        PocSettingsEntity[] entities = [.. documents.SelectMany(document => PocSettings.Parse(document).Entities).DistinctBy(
            e => e.Id)];
        return entities.Length == 0 ? null : new PocSettings { Entities = entities }.Write();
    }

    private async Task SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        NotifyOutcome outcome;
        try
        {
            outcome = SubscriptionDialog.Judge(await sip.SendToCoreAsync(notification.Request, cancellationToken));
        }
        catch (SipSendException e)
        {
            outcome = e.Fault == SipSendFault.Timeout ? NotifyOutcome.Remove : NotifyOutcome.RetryLater;
        }

        if (!notification.IsLast)
        {
            // What was sent is noted even while the server stops: it would be due again only after the lease.
            _ = await transactions.RunAsync(
                (context, ct) => NoteAsync(context, notification, outcome, ct), CancellationToken.None);
        }
    }

    private async Task<int> NoteAsync(DbContext context, Notification notification, NotifyOutcome outcome, CancellationToken ct)
    {
        SettingsSubscriptionRow? row = await context.Set<SettingsSubscriptionRow>()
            .SingleOrDefaultAsync(known => known.LocalTag == notification.LocalTag, ct);
        if (row is null)
        {
            return 0;
        }

        DateTimeOffset now = time.GetUtcNow();
        switch (outcome)
        {
            case NotifyOutcome.Remove:
                context.Remove(row);
                break;
            case NotifyOutcome.RetryLater:
                row.DueAt = now + Pause;
                break;
            default:
                row.DueAt = row.Version == notification.Version ? null : now;
                break;
        }

        return 1;
    }

    private sealed record Notification(string LocalTag, int Version, SipRequest Request, bool IsLast)
    {
        public override string ToString() => nameof(Notification);
    }
}

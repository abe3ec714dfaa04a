using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Notifications;
using Watchword.ResourceServers.Observability;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>
/// Sends NOTIFY to subscribers of documents: at once after a SUBSCRIBE, after a change, at the end. One of a subscription is on
/// its way at a time, on all nodes (RFC 5875 §4.7): whoever sends it moves <see cref="SubscriptionRow.BusyUntil"/> before. What
/// changes meanwhile goes into the next one.
/// </summary>
internal sealed class SubscriptionNotifier(
    IEnumerable<XcapRealm> realms, ServicesTransactions transactions, SipHost sip, XcapChangeSignal signal, TimeProvider time,
    ServicesMetrics metrics, ILogger<SubscriptionNotifier> log)
    // Other nodes write documents too, and time passes.
    : DueWork(signal, TimeSpan.FromSeconds(1))
{
    private const int Batch = 64;
    private const int MostAtOnce = 256;

    // Longer than a transaction of SIP can take (64 T1, 32 s).
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, XcapRealm> _realms =
        realms.ToDictionary(realm => realm.Settings.Resource.ToString(), StringComparer.Ordinal);

    // A subscriber who does not answer holds one of them for as long as a transaction lasts, and nobody else up.
    private readonly SemaphoreSlim _slots = new(MostAtOnce, MostAtOnce);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    /// <summary>Sets everything on its way that is owed now, as far as there are slots.</summary>
    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (_slots.CurrentCount > 0
            && await transactions.RunAsync(ClaimAsync, cancellationToken) is { Count: > 0 } owed)
        {
            foreach (Notice notice in owed.OfType<Notice>())
            {
                await _slots.WaitAsync(cancellationToken);
                _ = SendAsync(notice, cancellationToken);
            }
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

    /// <summary>
    /// Takes what is owed, and stores of each that it is on its way; null where nothing is to be said after all.
    /// </summary>
    private async Task<List<Notice?>> ClaimAsync(DbContext context, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        DbSet<XcapDocumentRow> documents = context.Set<XcapDocumentRow>();
        List<SubscriptionRow> rows = await context.Set<SubscriptionRow>().Include(row => row.Resources)
            .Where(row => row.BusyUntil <= now && (row.IsOwed || row.EndReason != null || row.ExpiresAt <= now
                || row.Resources.Any(resource => resource.SeenETag != documents
                    .Where(document => document.Auid == resource.Auid && document.Xui == resource.Xui
                        && document.Name == resource.Name)
                    .Select(document => document.ETag).FirstOrDefault())))
            .OrderBy(row => row.BusyUntil).ThenBy(row => row.Id).Take(Math.Min(Batch, _slots.CurrentCount)).ToListAsync(
                cancellationToken);
        List<Notice?> notices = [];
        foreach (SubscriptionRow row in rows)
        {
            notices.Add(await ComposeAsync(context, row, now, cancellationToken));
        }

        return notices;
    }

    private async Task<Notice?> ComposeAsync(
        DbContext context, SubscriptionRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<XcapDiffDocument> changes = [];
        List<Told> told = [];
        foreach (SubscriptionResourceRow resource in row.Resources.OrderBy(resource => resource.Ordinal))
        {
            (string? seen, string? visible) = await FindAsync(context, row, resource, cancellationToken);
            told.Add(new Told(resource.Ordinal, seen, visible));
            if (Describe(resource, visible, row.IsOwed) is { } change)
            {
                changes.Add(change);
            }
        }

        bool isLast = row.EndReason is not null || row.ExpiresAt <= now;
        if (changes.Count == 0 && !row.IsOwed && !isLast)
        {
            Note(row, told);
            return null;
        }

        // It stays owed until it is delivered: a server that dies meanwhile sends it again.
        SipRequest request = CreateRequest(row, now);
        row.BusyUntil = now + Lease;
        return new Notice(row.Id, request, told, NumberOf(row), isLast)
        {
            Content = row.EndReason is null && _realms.TryGetValue(row.Realm, out XcapRealm? realm)
                ? new Content(realm, row.Owner, changes, DocumentsOf(row))
                : null,
        };
    }

    /// <summary>
    /// Also what he sees no more: a realm may have something to say of it, such as that its keys are revoked, and to whom it says what.
    /// </summary>
    private static DocumentKey[] DocumentsOf(SubscriptionRow row) =>
    [
        .. row.Resources.OrderBy(resource => resource.Ordinal)
            .Select(resource => new DocumentKey(resource.Auid, resource.Xui, resource.Name)),
    ];

    private static SipRequest CreateRequest(SubscriptionRow row, DateTimeOffset now)
    {
        SubscriptionDialog dialog = JsonSerializer.Deserialize<SubscriptionDialog>(row.Dialog)!;
        (SipRequest request, SubscriptionDialog next) = dialog.CreateNotify(row.EndReason is { } reason
            ? SipSubscriptionState.Ended(reason)
            : SipSubscriptionState.Remaining(row.ExpiresAt - now));
        row.Dialog = JsonSerializer.Serialize(next);
        return request;
    }

    /// <summary>
    /// The entity tag of a document, and what the subscriber is to see of it: nothing, where it is none for him any more.
    /// </summary>
    private async Task<(string? Seen, string? Visible)> FindAsync(
        DbContext context, SubscriptionRow row, SubscriptionResourceRow resource, CancellationToken cancellationToken)
    {
        DocumentKey key = new(resource.Auid, resource.Xui, resource.Name);
        XcapDocumentRow? document = await XcapOperations.FindAsync(context, key, cancellationToken);
        bool isVisible = document is not null
            && _realms.GetValueOrDefault(row.Realm)?.MayWatch(row.Owner, key, document.Content) == true;
        return (document?.ETag, isVisible ? document!.ETag : null);
    }

    /// <summary>What is said of a document: of all that exist after a SUBSCRIBE, else of those that changed.</summary>
    private static XcapDiffDocument? Describe(SubscriptionResourceRow resource, string? etag, bool isFull) =>
        (resource.ToldETag, etag) switch
    {
        (null, null) => null,
        (null, { } made) => XcapDiffDocument.Existing(resource.Selector, made),
        ({ } gone, null) => XcapDiffDocument.Deleted(resource.Selector, gone),
        ({ } before, { } after) when before != after => XcapDiffDocument.Changed(resource.Selector, after, before),
        (_, { } same) => isFull ? XcapDiffDocument.Existing(resource.Selector, same) : null,
    };

    private async Task SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        try
        {
            await DeliverAsync(notice, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops; after the next start it is owed still.
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Nobody waits for this task. What became of the NOTIFY is not known to the database: it is sent again when its time on
            // the way is over.
            log.NotifierHalted(fault);
        }
        finally
        {
            _slots.Release();
            signal.Set();
        }
    }

    private async Task DeliverAsync(Notice notice, CancellationToken cancellationToken)
    {
        NotifyOutcome outcome;
        TimeSpan? retryAfter = null;
        if (notice.Content is { } content)
        {
            SipBody.Write(notice.Request, await content.WriteAsync(cancellationToken));
        }

        try
        {
            SipResponse response = await sip.SendToCoreAsync(notice.Request, cancellationToken);
            outcome = SubscriptionDialog.Judge(response);
            retryAfter = uint.TryParse(
                response.Headers[SipHeaderNames.RetryAfter], NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;
        }
        catch (SipSendException fault)
        {
            outcome = fault.Fault == SipSendFault.Timeout ? NotifyOutcome.Remove : NotifyOutcome.RetryLater;
        }

        log.Notified(outcome);
        metrics.Notified(outcome);
        await transactions.RunAsync(
            (context, cancellation) => NoteAsync(context, notice, outcome, retryAfter, cancellation), cancellationToken);
    }

    private async Task<int> NoteAsync(
        DbContext context, Notice notice, NotifyOutcome outcome, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        SubscriptionRow? row = await context.Set<SubscriptionRow>().Include(known => known.Resources)
            .SingleOrDefaultAsync(known => known.Id == notice.Id, cancellationToken);
        if (row is null)
        {
            return 0;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (outcome == NotifyOutcome.Remove || notice.IsLast)
        {
            // The last one is not sent again: the subscriber knows when his time is over.
            context.Remove(row);
        }
        else if (outcome == NotifyOutcome.RetryLater)
        {
            row.Failures++;
            TimeSpan pause = retryAfter ?? Backoff.After(row.Failures);
            row.BusyUntil = now + (pause < Backoff.Longest ? pause : Backoff.Longest);
        }
        else
        {
            row.Failures = 0;
            row.BusyUntil = now;
            // A SUBSCRIBE that came meanwhile is owed one of its own.
            row.IsOwed &= NumberOf(row) != notice.Number;
            Note(row, notice.Told);
        }

        return 1;
    }

    /// <summary>CSeq of the last SUBSCRIBE.</summary>
    private static uint? NumberOf(SubscriptionRow row) =>
        JsonSerializer.Deserialize<SubscriptionDialog>(row.Dialog)!.Dialog.RemoteCSeq;

    private static void Note(SubscriptionRow row, IReadOnlyList<Told> told)
    {
        foreach (Told one in told)
        {
            SubscriptionResourceRow resource = row.Resources.Single(known => known.Ordinal == one.Ordinal);
            resource.SeenETag = one.Seen;
            resource.ToldETag = one.Visible;
        }
    }

    private sealed record Told(int Ordinal, string? Seen, string? Visible);

    /// <summary>
    /// What a notification says, which is written when it is sent: what goes with it may be good for minutes only.
    /// </summary>
    private sealed record Content(
        XcapRealm Realm, string Owner, IReadOnlyList<XcapDiffDocument> Changes, IReadOnlyList<DocumentKey> Documents)
    {
        public async Task<IReadOnlyList<SipBodyPart>> WriteAsync(CancellationToken cancellationToken)
        {
            XcapDiff diff = new() { XcapRoot = Realm.Settings.XcapRoot.ToString(), Documents = Changes };
            return [SipBodyPart.Create(XcapDiff.MediaType, diff.Write()),
                .. await Realm.AttachAsync(Owner, Documents, cancellationToken)];
        }

        public override string ToString() => nameof(Content);
    }

    private sealed record Notice(string Id, SipRequest Request, IReadOnlyList<Told> Told, uint? Number, bool IsLast)
    {
        public Content? Content { get; init; }

        public override string ToString() => nameof(Notice);
    }
}

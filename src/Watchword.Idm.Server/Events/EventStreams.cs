using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Events;

/// <summary>The streams in the database: begun, read, acknowledged, begun anew. Scoped.</summary>
internal sealed class EventStreams(IdmDbContext database, IOptions<IdmOptions> options, TimeProvider time)
{
    /// <summary>Characters of subjects in one page of a snapshot: the token stays below the 16 KiB that receivers read.</summary>
    private const int MaxPageLength = 8000;

    /// <summary>
    /// Makes the streams those of the configuration. One that is not configured any more goes: if it came back later, it would
    /// have missed events, so it begins anew then.
    /// </summary>
    public async Task ReconcileAsync(CancellationToken cancellation)
    {
        string[] wanted = [.. options.Value.ResourceServers.Where(server => server.Events is not null).Select(server => server.Audience)];
        await database.EventStreams.Where(stream => !wanted.Contains(stream.Audience)).ExecuteDeleteAsync(cancellation);
        await database.OutboundEvents.Where(row => !wanted.Contains(row.Audience)).ExecuteDeleteAsync(cancellation);
        List<string> there = await database.EventStreams.Select(stream => stream.Audience).ToListAsync(cancellation);
        foreach (string audience in wanted.Except(there, StringComparer.Ordinal))
        {
            await RestartAsync(audience, least: 0, cancellation);
        }
    }

    /// <summary>The stream and its first event that was not acknowledged, if there is one.</summary>
    public async Task<(EventStreamState Stream, OutboundEvent? Next)> ReadAsync(string audience, CancellationToken cancellation)
    {
        // One transaction, so that both are of the same moment.
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        EventStreamState stream = await database.EventStreams.AsNoTracking().SingleAsync(row => row.Audience == audience, cancellation);
        OutboundEvent? next = await FindAsync(audience, stream.AcknowledgedSequence + 1, cancellation);
        return (stream, next);
    }

    /// <summary>Every stream as it is now.</summary>
    public async Task<IReadOnlyList<EventStreamState>> ListAsync(CancellationToken cancellation) =>
        await database.EventStreams.AsNoTracking().OrderBy(stream => stream.Audience).ToListAsync(cancellation);

    /// <summary>One event of a stream, or null.</summary>
    public Task<OutboundEvent?> FindAsync(string audience, long sequence, CancellationToken cancellation) =>
        database.OutboundEvents.AsNoTracking().SingleOrDefaultAsync(
            row => row.Audience == audience && row.Sequence == sequence, cancellation);

    /// <summary>
    /// Notes where the receiver is: forward, or back if it has lost what it had acknowledged. Where the events that it lacks are
    /// not kept any more, or it is ahead of everything that was ever written here, the stream begins anew.
    /// </summary>
    public async Task MoveAsync(EventStreamState stream, long sequence, CancellationToken cancellation)
    {
        bool possible = sequence <= stream.LastSequence && (sequence == stream.LastSequence
            || await database.OutboundEvents.AnyAsync(
                row => row.Audience == stream.Audience && row.Sequence == sequence + 1, cancellation));
        if (!possible)
        {
            await RestartAsync(stream.Audience, stream.Epoch + 1, cancellation);
            return;
        }

        await database.EventStreams.Where(row => row.Audience == stream.Audience && row.Epoch == stream.Epoch).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.AcknowledgedSequence, sequence), cancellation);
    }

    /// <summary>Begins the stream anew, in an epoch not below <paramref name="least"/>: all numbers from 1, and the snapshot
    /// first.</summary>
    public async Task RestartAsync(string audience, long least, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        EventStreamState? old = await database.EventStreams.AsNoTracking().SingleOrDefaultAsync(row => row.Audience == audience, cancellation);
        await database.OutboundEvents.Where(row => row.Audience == audience).ExecuteDeleteAsync(cancellation);
        await database.EventStreams.Where(row => row.Audience == audience).ExecuteDeleteAsync(cancellation);
        long epoch = Math.Max(now.ToUnixTimeMilliseconds(), Math.Max(least, (old?.Epoch ?? 0) + 1));
        List<JsonObject> pages = await SnapshotAsync(cancellation);
        for (int page = 1; page <= pages.Count; page++)
        {
            pages[page - 1][SecurityEventNames.Page] = page;
            pages[page - 1][SecurityEventNames.Last] = page == pages.Count;
            database.OutboundEvents.Add(new OutboundEvent
            {
                Audience = audience,
                Sequence = page,
                Jti = EventOutbox.NewJti(),
                Type = SecurityEventTypes.Snapshot,
                OccurredAt = now,
                Payload = pages[page - 1].ToJsonString(),
            });
        }

        database.EventStreams.Add(
            new EventStreamState { Audience = audience, Epoch = epoch, LastSequence = pages.Count, AcknowledgedSequence = 0 });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        database.ChangeTracker.Clear();
    }

    /// <summary>Removes events that were acknowledged long ago.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellation)
    {
        DateTimeOffset before = time.GetUtcNow() - options.Value.EventRetention;
        return await database.OutboundEvents
            .Where(row => row.OccurredAt < before && database.EventStreams.Any(
                stream => stream.Audience == row.Audience && row.Sequence <= stream.AcknowledgedSequence
                    && row.Sequence < stream.LastSequence))
            .ExecuteDeleteAsync(cancellation);
    }

    private async Task<List<JsonObject>> SnapshotAsync(CancellationToken cancellation)
    {
        List<JsonObject> pages = [NewPage()];
        int length = 0;
        IQueryable<SubjectRecord> all = database.Subjects.AsNoTracking()
            .Where(record => record.State != SubjectState.Enabled || record.TokensEndedAt != null)
            .OrderBy(record => record.Subject);
        await foreach (SubjectRecord record in all.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            int added = record.Subject.Length + 16;
            if (length + added > MaxPageLength)
            {
                pages.Add(NewPage());
                length = 0;
            }

            length += added;
            AddTo(pages[^1], record);
        }

        return pages;
    }

    private static JsonObject NewPage() => new()
    {
        [SecurityEventNames.Disabled] = new JsonArray(),
        [SecurityEventNames.Removed] = new JsonArray(),
        [SecurityEventNames.TokensEnded] = new JsonObject(),
    };

    private static void AddTo(JsonObject page, SubjectRecord record)
    {
        if (record.State == SubjectState.Enabled)
        {
            page[SecurityEventNames.TokensEnded]!.AsObject()[record.Subject] = record.TokensEndedAt!.Value.ToUnixTimeSeconds();
        }
        else
        {
            string list = record.State == SubjectState.Disabled ? SecurityEventNames.Disabled : SecurityEventNames.Removed;
            page[list]!.AsArray().Add((JsonNode)record.Subject);
        }
    }
}

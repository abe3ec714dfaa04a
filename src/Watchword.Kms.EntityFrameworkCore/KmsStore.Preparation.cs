using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <summary>How many issuances are looked at in one read of a source: a range of numbers, which both databases find at once
    /// whatever their statistics say.</summary>
    private const long HolderWindow = 20_000;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Preparation>> FindPreparationsAsync(
        string? kmsUri, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<Preparation>>(async context =>
        {
            List<PreparationRow> rows = await context.Preparations.AsNoTracking()
                .Where(row => kmsUri == null || row.KmsUri == kmsUri).OrderBy(row => row.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    /// <inheritdoc/>
    public Task<(long Count, long First, long Last)> MeasureHoldersAsync(
        string kmsUri, int generation, long periodNumber, CancellationToken cancellationToken = default) =>
        ReadAsync(async context =>
        {
            var found = await context.Issuances.AsNoTracking()
                .Where(row => row.KmsUri == kmsUri && row.Generation == generation && row.PeriodNumber == periodNumber)
                .GroupBy(_ => 1)
                .Select(all => new { Count = all.LongCount(), First = all.Min(row => row.Id), Last = all.Max(row => row.Id) })
                .FirstOrDefaultAsync(cancellationToken);
            return found is null ? (0L, 1L, 0L) : (found.Count, found.First, found.Last);
        });

    /// <inheritdoc/>
    public Task<(IReadOnlyList<KeyHolder> Holders, long Cursor)> ReadHoldersAsync(
        Preparation preparation, int count, CancellationToken cancellationToken = default) =>
        ReadAsync(context => preparation.Source == PreparationSource.Listed
            ? ReadListedAsync(context, preparation, count, cancellationToken)
            : ReadIssuedAsync(context, preparation, count, cancellationToken));

    /// <inheritdoc/>
    public async Task<Preparation> BeginPreparationAsync(
        string kmsUri, int generation, long periodNumber, Func<Preparation?, PreparationStep?> decide,
        IReadOnlyList<KeyHolder> listed, CancellationToken cancellationToken = default)
    {
        Preparation? begun = null;
        await ActAsync(
            async transaction =>
            {
                KmsDbContext context = transaction.Context;
                PreparationRow? row = await context.Preparations.SingleOrDefaultAsync(row =>
                    row.KmsUri == kmsUri && row.Generation == generation && row.PeriodNumber == periodNumber);
                Preparation? before = row?.ToRecord();
                if (Decide(decide, before, step => step.Entries) is not { } step)
                {
                    begun = before;
                    return [];
                }

                if (row is null)
                {
                    context.Preparations.Add(row = step.After.ToNewRow());
                }
                else
                {
                    step.After.WriteTo(row);
                }

                await context.SaveChangesAsync();
                await WriteListAsync(transaction, row.Id, keepsList: step.After.Cursor > 0, listed);
                begun = row.ToRecord();
                return step.Entries;
            },
            cancellationToken);
        return begun ?? throw new KmsException(KmsError.PreparationNotRunning);
    }

    /// <inheritdoc/>
    public async Task<Preparation?> ChangePreparationAsync(
        long id, Func<Preparation, PreparationStep?> decide, CancellationToken cancellationToken = default)
    {
        Preparation? changed = null;
        await ActAsync(
            async transaction =>
            {
                changed = null;
                if (await transaction.Context.Preparations.SingleOrDefaultAsync(row => row.Id == id) is not { } row
                    || Decide(decide, row.ToRecord(), step => step.Entries) is not { } step)
                {
                    return [];
                }

                step.After.WriteTo(row);
                if (row.State is PreparationState.Finished or PreparationState.Erased)
                {
                    await transaction.Context.PreparationItems.Where(item => item.PreparationId == id).ExecuteDeleteAsync();
                }

                changed = row.ToRecord();
                return step.Entries;
            },
            cancellationToken);
        return changed;
    }

    /// <inheritdoc/>
    public async Task<Preparation?> WritePreparedAsync(PreparedBatch batch, CancellationToken cancellationToken = default)
    {
        batch.Entry.Validate();
        Preparation? written = null;
        await ActAsync(
            async transaction =>
            {
                written = null;
                Preparation seen = batch.Seen;
                if (await transaction.Context.Preparations.SingleOrDefaultAsync(row => row.Id == seen.Id) is not { } row
                    || row.State != PreparationState.Running || row.Owner != seen.Owner || row.Cursor != seen.Cursor)
                {
                    return [];
                }

                await RequireIssuingAsync(transaction.Context, seen);
                IReadOnlyList<PreparedKeyRow> rows = await StillWantedAsync(transaction.Context, batch);
                if (rows.Count > 0)
                {
                    await _provider.WriteAsync(transaction, PreparationMapping.Table, rows, CancellationToken.None);
                }

                batch.After.WriteTo(row);
                written = row.ToRecord();
                return [batch.Entry];
            },
            cancellationToken);
        return written;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SealedKeySet>> FindPreparedAsync(
        long preparation, IReadOnlyList<ReadOnlyMemory<byte>> userIds, CancellationToken cancellationToken = default)
    {
        byte[][] wanted = [.. userIds.Select(userId => userId.ToArray())];
        return ReadAsync<IReadOnlyList<SealedKeySet>>(async context =>
        {
            List<PreparedKeyRow> rows = await context.PreparedKeys.AsNoTracking()
                .Where(row => row.PreparationId == preparation && wanted.Contains(row.UserId)).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });
    }

    /// <inheritdoc/>
    public Task<long> CountPreparedAsync(long preparation, CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.PreparedKeys.LongCountAsync(row => row.PreparationId == preparation, cancellationToken));

    /// <inheritdoc/>
    public Task ErasePreparedAsync(
        long preparation, IReadOnlyList<SealedKeySet> useless, CancellationToken cancellationToken = default) =>
        EraseAsync(
            async context =>
            {
                int erased = 0;
                foreach (SealedKeySet key in useless)
                {
                    // As it was read: one that was written anew meanwhile stays.
                    byte[] userId = key.UserId.ToArray();
                    byte[] octets = key.Sealed.ToArray();
                    erased += await context.PreparedKeys.Where(row => row.PreparationId == preparation && row.UserId == userId
                        && row.TransportKeyId == key.TransportKeyId && row.Sealed == octets).ExecuteDeleteAsync();
                }

                return erased;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> ErasePreparedAsync(long preparation, int count, CancellationToken cancellationToken = default) =>
        EraseAsync(
            async context =>
            {
                // Up to a UID: both databases find it in the index, and neither needs a list of rows.
                int erased = await context.Database.ExecuteSqlAsync(
                    $"""
                    DELETE FROM "PreparedKey" WHERE "PreparationId" = {preparation} AND "UserId" <= (
                      SELECT "UserId" FROM "PreparedKey" WHERE "PreparationId" = {preparation}
                      ORDER BY "UserId" LIMIT 1 OFFSET {count - 1})
                    """);
                return erased > 0
                    ? erased
                    : await context.PreparedKeys.Where(row => row.PreparationId == preparation).ExecuteDeleteAsync();
            },
            cancellationToken);

    private static async Task<(IReadOnlyList<KeyHolder> Holders, long Cursor)> ReadListedAsync(
        KmsDbContext context, Preparation preparation, int count, CancellationToken cancellationToken)
    {
        List<PreparationItemRow> rows = await context.PreparationItems.AsNoTracking()
            .Where(row => row.PreparationId == preparation.Id && row.Number > preparation.Cursor)
            .OrderBy(row => row.Number).Take(count).ToListAsync(cancellationToken);
        return (
            [.. rows.Select(row => new KeyHolder(row.Number, row.Issuer, row.Subject, row.UserUri))],
            rows.Count == 0 ? preparation.Cursor : rows[^1].Number);
    }

    private static async Task<(IReadOnlyList<KeyHolder> Holders, long Cursor)> ReadIssuedAsync(
        KmsDbContext context, Preparation preparation, int count, CancellationToken cancellationToken)
    {
        long end = await context.Issuances.MaxAsync(row => (long?)row.Id, cancellationToken) ?? 0;
        List<KeyHolder> holders = [];
        long cursor = preparation.Cursor;
        while (cursor < end && holders.Count < count)
        {
            long after = cursor;
            long until = Math.Min(end, after + HolderWindow);
            int wanted = count - holders.Count;
            var rows = await context.Issuances.AsNoTracking()
                .Where(row => row.Id > after && row.Id <= until && row.KmsUri == preparation.KmsUri
                    && row.Generation == preparation.SourceGeneration && row.PeriodNumber == preparation.SourcePeriod)
                .OrderBy(row => row.Id).Take(wanted)
                .Select(row => new { row.Id, row.Issuer, row.Subject, row.UserUri })
                .ToListAsync(cancellationToken);
            holders.AddRange(rows.Select(row => new KeyHolder(row.Id, row.Issuer, row.Subject, row.UserUri)));
            cursor = rows.Count == wanted ? rows[^1].Id : until;
        }

        return (holders, cursor);
    }

    private async Task WriteListAsync(
        WriteTransaction transaction, long preparation, bool keepsList, IReadOnlyList<KeyHolder> listed)
    {
        if (!keepsList)
        {
            await transaction.Context.PreparationItems.Where(item => item.PreparationId == preparation).ExecuteDeleteAsync();
        }

        if (listed.Count > 0)
        {
            await _provider.WriteAsync(
                transaction,
                PreparationMapping.Items,
                [.. listed.Select(one => new PreparationItemRow
                {
                    PreparationId = preparation, Issuer = one.Issuer, Subject = one.Subject, UserUri = one.UserUri,
                })],
                CancellationToken.None);
        }
    }

    /// <summary>A generation may have been tainted since the batch was begun.</summary>
    private static async Task RequireIssuingAsync(KmsDbContext context, Preparation seen)
    {
        if (!await context.Domains.AnyAsync(row => row.KmsUri == seen.KmsUri && row.Generation == seen.Generation
            && (row.State == GenerationState.Prepared || row.State == GenerationState.Active)))
        {
            throw new KmsException(
                KmsError.GenerationNotIssuing, string.Create(CultureInfo.InvariantCulture, $"generation {seen.Generation}"));
        }
    }

    /// <summary>Who was barred since the batch was begun is left out, and what is under a transport key that is not current any
    /// more.</summary>
    private static async Task<IReadOnlyList<PreparedKeyRow>> StillWantedAsync(KmsDbContext context, PreparedBatch batch)
    {
        string[] issuers = [.. batch.Holders.Select(holder => holder.Issuer).Distinct()];
        string[] subjects = [.. batch.Holders.Select(holder => holder.Subject).Distinct()];
        var barred = await context.Subjects.AsNoTracking()
            .Where(row => issuers.Contains(row.Issuer) && subjects.Contains(row.Subject)
                && row.State != RequesterState.Enabled)
            .Select(row => new { row.Issuer, row.Subject }).ToListAsync();
        HashSet<string> gone = [.. barred.Select(row => Key(PreparedPlace.HashHolder(row.Issuer, row.Subject)))];
        string[] users = [.. batch.Holders.Select(holder => holder.UserUri)];
        var current = await context.TransportKeyClients.AsNoTracking()
            .Where(row => row.KmsUri == batch.Seen.KmsUri && users.Contains(row.UserUri))
            .SelectMany(row => row.Pairs, (row, pair) => new { row.UserUri, pair.TransportKeyId, pair.State })
            .Where(pair => pair.State == TransportKeyPairState.Current)
            .ToListAsync();
        ILookup<string, string> held = current.ToLookup(
            row => Key(PreparedPlace.HashIdentity(batch.Seen.KmsUri, row.UserUri)), row => row.TransportKeyId);
        return
        [
            .. batch.KeySets
                .Where(key => !gone.Contains(Key(key.Holder)) && IsHeld(key, held[Key(key.Identity)]))
                .Select(key => key.ToRow(batch.Seen.Id)),
        ];
    }

    /// <summary>Under custody alone only where there is no transport key.</summary>
    private static bool IsHeld(SealedKeySet key, IEnumerable<string> held) =>
        key.TransportKeyId.Length == 0 ? !held.Any() : held.Contains(key.TransportKeyId, StringComparer.Ordinal);

    private static string Key(ReadOnlyMemory<byte> octets) => Convert.ToHexString(octets.Span);

    private async Task<long> EraseAsync(Func<KmsDbContext, Task<int>> erase, CancellationToken cancellationToken)
    {
        long erased = 0;
        await ActAsync(
            async transaction =>
            {
                erased = await erase(transaction.Context);
                return [];
            },
            cancellationToken);
        await ForgetAsync(erased);
        return erased;
    }

    /// <summary>What was erased is gone from every file of the database, as far as that is in its hands.</summary>
    private async Task ForgetAsync(long erased)
    {
        if (erased == 0)
        {
            return;
        }

        await ReadAsync(async context =>
        {
            await _provider.ForgetAsync(context, CancellationToken.None);
            return true;
        });
    }
}

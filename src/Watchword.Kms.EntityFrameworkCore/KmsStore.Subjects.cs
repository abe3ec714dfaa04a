using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public async Task<SubjectRecord?> FindSubjectAsync(
        string issuer, string subject, CancellationToken cancellationToken = default) =>
        (await _subjects.FindAsync([(issuer, subject)], cancellationToken)).SingleOrDefault();

    /// <summary>Every request asks for its subject, and of most nothing was ever said.</summary>
    private Task<IReadOnlyDictionary<(string Issuer, string Subject), List<SubjectRecord>>> ReadSubjectsAsync(
        IReadOnlyCollection<(string Issuer, string Subject)> wanted) =>
        ReadAsync<IReadOnlyDictionary<(string Issuer, string Subject), List<SubjectRecord>>>(async context =>
        {
            Dictionary<(string Issuer, string Subject), List<SubjectRecord>> found = [];
            StoreQuery query = StandingQueries.Subjects(
                _provider, wanted, subject => found.Add((subject.Issuer, subject.Subject), [subject]));
            await _provider.QueryAsync(context, [query], CancellationToken.None);
            return found;
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<SubjectRecord> ReadSubjectsAsync(
        string issuer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<SubjectRow> rows = StreamAsync(
            context => context.Subjects.AsNoTracking().Where(row => row.Issuer == issuer).OrderBy(row => row.Subject),
            cancellationToken);
        await foreach (SubjectRow row in rows)
        {
            yield return row.ToRecord();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IssuerEvents>> FindStreamsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<IssuerEvents>>(async context =>
        {
            List<IssuerEventsRow> rows =
                await context.IssuerEvents.AsNoTracking().OrderBy(row => row.Issuer).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    /// <inheritdoc/>
    public async Task<IssuerEvents?> FindStreamAsync(string issuer, CancellationToken cancellationToken = default) =>
        (await _streams.FindAsync([issuer], cancellationToken)).SingleOrDefault();

    private Task<IReadOnlyDictionary<string, List<IssuerEvents>>> ReadStreamsAsync(IReadOnlyCollection<string> wanted) =>
        ReadAsync<IReadOnlyDictionary<string, List<IssuerEvents>>>(async context =>
        {
            Dictionary<string, List<IssuerEvents>> found = [];
            StoreQuery query = StandingQueries.Streams(stream => found.Add(stream.Issuer, [stream]));
            await _provider.QueryAsync(context, [query], CancellationToken.None);
            return found;
        });

    /// <inheritdoc/>
    public async Task AdvanceStreamAsync(
        string issuer, Func<IssuerEvents?, StreamStep?> decide, CancellationToken cancellationToken = default)
    {
        int erased = 0;
        await ActAsync(
            async transaction =>
            {
                KmsDbContext context = transaction.Context;
                IssuerEventsRow? row = await context.IssuerEvents.SingleOrDefaultAsync(row => row.Issuer == issuer);
                if (Decide(decide, row?.ToRecord(), step => step.Entries) is not { } step)
                {
                    return [];
                }

                if (row is null)
                {
                    row = new IssuerEventsRow { Issuer = issuer, LastId = step.After.LastId };
                    context.IssuerEvents.Add(row);
                }

                Apply(step.After, row);
                await ApplyAsync(context, issuer, step, transaction.Now.ToUnixTimeMilliseconds());
                erased = await context.EraseOfHoldersAsync(
                    issuer, step.Updates.Where(update => update.State is RequesterState.Disabled or RequesterState.Removed)
                        .Select(update => update.Subject));
                return step.Entries;
            },
            cancellationToken);
        await ForgetAsync(erased);
    }

    /// <summary>What a caller's code throws is his alone, and not the fault of the store; nor is a record that cannot be kept, of
    /// which the rest of the group must not hear.</summary>
    private static TStep? Decide<TBefore, TStep>(
        Func<TBefore, TStep?> decide, TBefore before, Func<TStep, IReadOnlyList<AuditEntry>> entriesOf)
        where TStep : class
    {
        try
        {
            TStep? step = decide(before);
            foreach (AuditEntry entry in step is null ? [] : entriesOf(step))
            {
                entry.Validate();
            }

            return step;
        }
        catch (Exception fault) when (fault is not KmsException)
        {
            throw new KmsException(KmsError.InternalError, innerException: fault);
        }
    }

    private static void Apply(IssuerEvents after, IssuerEventsRow row)
    {
        row.Epoch = after.Epoch;
        row.Sequence = after.Sequence;
        row.LastId = after.LastId;
        row.SnapshotComplete = after.SnapshotComplete;
        row.CompleteAt = after.CompleteAt?.ToUnixTimeMilliseconds();
    }

    private static async Task ApplyAsync(KmsDbContext context, string issuer, StreamStep step, long now)
    {
        string[] subjects = [.. step.Updates.Select(update => update.Subject).Distinct()];
        Dictionary<string, SubjectRow> rows = await context.Subjects
            .Where(row => row.Issuer == issuer && subjects.Contains(row.Subject)).ToDictionaryAsync(row => row.Subject);
        foreach (SubjectUpdate update in step.Updates)
        {
            if (!rows.TryGetValue(update.Subject, out SubjectRow? row))
            {
                row = new SubjectRow { Issuer = issuer, Subject = update.Subject };
                rows.Add(update.Subject, row);
                context.Subjects.Add(row);
            }

            // Tokens that have ended never come back.
            long? ended = update.TokensEndedAt?.ToUnixTimeMilliseconds();
            row.State = update.State ?? row.State;
            row.TokensEndedAt = ended > row.TokensEndedAt || row.TokensEndedAt is null
                ? ended ?? row.TokensEndedAt
                : row.TokensEndedAt;
            row.Epoch = step.After.Epoch;
            row.ChangedAt = now;
        }

        await context.SaveChangesAsync();
        if (step.EndsSnapshot)
        {
            await context.Subjects.Where(row => row.Issuer == issuer && row.Epoch < step.After.Epoch).ExecuteDeleteAsync();
        }
    }
}

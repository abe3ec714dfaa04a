using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DomainRecord>> FindGenerationsAsync(CancellationToken cancellationToken = default) =>
        FindGenerationsAsync(rows => rows, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DomainRecord>> FindGenerationsAsync(string kmsUri, CancellationToken cancellationToken = default) =>
        FindGenerationsAsync(rows => rows.Where(row => row.KmsUri == kmsUri), cancellationToken);

    /// <inheritdoc/>
    public Task CreateDomainAsync(DomainRecord first, AuditEntry entry, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                if (await context.Domains.AnyAsync(row => row.KmsUri == first.KmsUri, CancellationToken.None))
                {
                    throw new KmsException(KmsError.DomainExists, first.KmsUri);
                }

                context.Domains.Add(first.ToRow());
            },
            [entry],
            cancellationToken);

    /// <inheritdoc/>
    public Task AddGenerationAsync(
        DomainRecord generation, AuditEntry entry, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                int? latest = await context.Domains.Where(row => row.KmsUri == generation.KmsUri)
                    .MaxAsync(row => (int?)row.Generation, CancellationToken.None);
                if (latest is null)
                {
                    throw new KmsException(KmsError.NoDomain, generation.KmsUri);
                }

                if (generation.Generation != latest + 1)
                {
                    throw new KmsException(KmsError.GenerationChanged, $"{generation.KmsUri}, generation {latest} is the latest");
                }

                context.Domains.Add(generation.ToRow());
                await RenewListsThatLinkAsync(context, [generation.KmsUri]);
            },
            [entry],
            cancellationToken);

    /// <inheritdoc/>
    public async Task ChangeGenerationsAsync(
        IReadOnlyList<GenerationChange> changes, IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken = default)
    {
        int erased = 0;
        await ActAsync(
            async context =>
            {
                erased = 0;
                List<DomainRow> rows = [];
                foreach (GenerationChange change in changes)
                {
                    DomainRow? row = await context.Domains.SingleOrDefaultAsync(
                        row => row.KmsUri == change.KmsUri && row.Generation == change.Generation && row.State == change.From,
                        CancellationToken.None);
                    rows.Add(row is not null && IsAsSeen(row, change.Seen) ? row : throw new KmsException(
                        KmsError.GenerationChanged, $"{change.KmsUri}, generation {change.Generation} is not {change.From}"));
                }

                for (int i = 0; i < rows.Count; i++)
                {
                    Apply(changes[i], rows[i]);
                    erased += changes[i].To is GenerationState.Tainted or GenerationState.Revoked
                        ? await context.EraseOfGenerationAsync(changes[i].KmsUri, changes[i].Generation)
                        : 0;
                }

                await RenewListsThatLinkAsync(context, changes.Select(change => change.KmsUri));
            },
            entries,
            cancellationToken);
        await ForgetAsync(erased);
    }

    private static bool IsAsSeen(DomainRow row, DomainRecord? seen) => seen is null
        || (row.ValidFrom == seen.ValidFrom?.ToUnixTimeMilliseconds() && row.ValidTo == seen.ValidTo?.ToUnixTimeMilliseconds());

    private void Apply(GenerationChange change, DomainRow row)
    {
        row.State = change.To;
        row.StateChangedAt = _time.GetUtcNow().ToUnixTimeMilliseconds();
        row.ValidFrom = change.ValidFrom?.ToUnixTimeMilliseconds() ?? row.ValidFrom;
        row.ValidTo = change.ValidTo?.ToUnixTimeMilliseconds() ?? row.ValidTo;
    }

    private Task<IReadOnlyList<DomainRecord>> FindGenerationsAsync(
        Func<IQueryable<DomainRow>, IQueryable<DomainRow>> which, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<DomainRecord>>(async context =>
        {
            List<DomainRow> rows = await which(context.Domains.AsNoTracking())
                .OrderBy(row => row.KmsUri).ThenBy(row => row.Generation).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    private Task<IReadOnlyList<AuditRecord>> ActAsync(
        Func<KmsDbContext, Task> act, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        foreach (AuditEntry entry in entries)
        {
            entry.Validate();
        }

        return ActAsync(
            async transaction =>
            {
                await act(transaction.Context);
                return entries;
            },
            cancellationToken);
    }

    private Task<IReadOnlyList<AuditRecord>> ActAsync(
        Func<WriteTransaction, Task<IReadOnlyList<AuditEntry>>> act, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new ActUnit(act, cancellationToken), cancellationToken);
}

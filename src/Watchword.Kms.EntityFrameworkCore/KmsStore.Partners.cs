using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task<PartnerCacheVersion> GetPartnerCacheAsync(string domain, CancellationToken cancellationToken = default) =>
        ReadAsync(async context =>
            (await context.PartnerCaches.AsNoTracking().SingleOrDefaultAsync(row => row.Domain == domain, cancellationToken))
                ?.ToVersion() ?? PartnerCacheVersion.Empty);

    /// <inheritdoc/>
    public async Task<PartnerCacheVersion> AdvancePartnerCacheAsync(
        string domain, PartnerCacheVersion seen, AuditEntry entry, CancellationToken cancellationToken = default)
    {
        try
        {
            await ActAsync(
                async context =>
                {
                    if (!await context.PartnerCaches.AnyAsync(
                        row => row.Domain == domain && row.Number == seen.Number, CancellationToken.None))
                    {
                        throw new KmsException(KmsError.PartnerChanged);
                    }

                    await RenewPartnerCacheAsync(context, domain);
                },
                [entry],
                cancellationToken);
        }
        catch (KmsException overtaken) when (overtaken.Error == KmsError.PartnerChanged)
        {
            // Another node saw the same boundary: what it wrote is as good.
        }

        return await GetPartnerCacheAsync(domain, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartnerRecord>> FindPartnersAsync(string domain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<PartnerRecord>>(async context =>
        {
            List<PartnerRow> rows = await context.Partners.AsNoTracking().Where(row => row.Domain == domain)
                .OrderBy(row => row.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartnerAct>> FindPartnerHistoryAsync(
        string domain, string? kmsUri, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<PartnerAct>>(async context =>
        {
            IQueryable<PartnerActRow> acts = context.PartnerActs.AsNoTracking().Where(act => act.Domain == domain);
            if (kmsUri is not null)
            {
                acts = acts.Where(act => context.Partners.Any(row => row.Id == act.PartnerId && row.KmsUri == kmsUri));
            }

            List<PartnerActRow> rows = await acts.OrderBy(act => act.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToAct())];
        });

    /// <inheritdoc/>
    public async Task<long> AddPartnerAsync(
        PartnerRecord partner, PartnerAct act, AuditEntry entry, CancellationToken cancellationToken = default)
    {
        PartnerRow? added = null;
        await ActAsync(
            async context =>
            {
                bool isGiven = partner.State == PartnerState.Approved;
                if (isGiven && await context.Partners.AnyAsync(
                    row => row.Domain == partner.Domain && row.KmsUri == partner.KmsUri && row.State == PartnerState.Approved,
                    CancellationToken.None))
                {
                    throw new KmsException(KmsError.PartnerExists, partner.KmsUri);
                }

                added = partner.ToRow();
                context.Partners.Add(added);
                await context.SaveChangesAsync(CancellationToken.None);
                long number = isGiven
                    ? await RenewPartnerCacheAsync(context, partner.Domain)
                    : await PartnerCacheNumberAsync(context, partner.Domain);
                context.PartnerActs.Add(act.ToRow(partner.Domain, added.Id, number));
            },
            [entry],
            cancellationToken);
        return added!.Id;
    }

    /// <inheritdoc/>
    public Task ChangePartnersAsync(
        string domain, IReadOnlyList<PartnerChange> changes, IReadOnlyList<PartnerAct> acts, IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                List<PartnerRow> rows = await context.Partners.Where(row => row.Domain == domain)
                    .ToListAsync(CancellationToken.None);
                PartnerRow[] changed = [.. changes.Select(change =>
                    rows.Find(row => row.Id == change.Id && row.State == change.From)
                        ?? throw new KmsException(KmsError.PartnerChanged, $"record {change.Id} is not {change.From}"))];
                RequireOneApproved(rows, changes);
                for (int i = 0; i < changed.Length; i++)
                {
                    changed[i].State = changes[i].To;
                    changed[i].EndsAt = changes[i].EndsAt?.ToUnixTimeMilliseconds() ?? changed[i].EndsAt;
                }

                // A record that was pending and is thrown away is nothing that any client was given.
                long number = changes.All(change => change.To == PartnerState.Rejected)
                    ? await PartnerCacheNumberAsync(context, domain)
                    : await RenewPartnerCacheAsync(context, domain);
                context.PartnerActs.AddRange(acts.Select(act => act.ToRow(domain, act.PartnerId, number)));
            },
            entries,
            cancellationToken);

    private static void RequireOneApproved(List<PartnerRow> rows, IReadOnlyList<PartnerChange> changes)
    {
        PartnerState After(PartnerRow row) => changes.FirstOrDefault(change => change.Id == row.Id)?.To ?? row.State;
        if (rows.Where(row => After(row) == PartnerState.Approved)
            .GroupBy(row => row.KmsUri, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new KmsException(KmsError.PartnerExists, twice.Key);
        }
    }

    private static async Task<long> PartnerCacheNumberAsync(KmsDbContext context, string domain) =>
        await context.PartnerCaches.Where(row => row.Domain == domain).Select(row => row.Number)
            .SingleOrDefaultAsync(CancellationToken.None);

    /// <summary>Within the transaction that changed partners or generations: the next version of the list.</summary>
    /// <returns>Its number.</returns>
    private async Task<long> RenewPartnerCacheAsync(KmsDbContext context, string domain)
    {
        await context.SaveChangesAsync(CancellationToken.None);
        PartnerCacheRow? cache = await context.PartnerCaches.FindAsync([domain], CancellationToken.None);
        if (cache is null)
        {
            context.PartnerCaches.Add(cache = new PartnerCacheRow { Domain = domain });
        }

        cache.Number++;
        cache.AsOf = Math.Max(cache.AsOf, _time.GetUtcNow().ToUnixTimeMilliseconds());
        cache.NextChange = await NextPartnerChangeAsync(context, domain, cache.AsOf);
        return cache.Number;
    }

    /// <summary>When time alone changes the list next: a certificate becomes valid, or the millisecond behind its last
    /// one.</summary>
    private static async Task<long?> NextPartnerChangeAsync(KmsDbContext context, string domain, long asOf)
    {
        List<PartnerRow> partners = await context.Partners.Where(row => row.Domain == domain
            && row.State != PartnerState.Pending && row.State != PartnerState.Rejected).ToListAsync(CancellationToken.None);
        string[] linked = [.. partners.Where(row => row.IsLinked).Select(row => row.KmsUri)];
        List<DomainRow> generations = linked.Length == 0
            ? []
            : await context.Domains.Where(row => linked.Contains(row.KmsUri)).ToListAsync(CancellationToken.None);
        IEnumerable<long?> boundaries = partners.SelectMany(row => (long?[])[row.ValidFrom, row.ValidTo + 1, row.EndsAt])
            .Concat(generations.SelectMany(row => (long?[])[row.ValidFrom, row.ValidTo + 1]));
        return boundaries.Where(time => time > asOf).Min();
    }

    /// <summary>Within the transaction that changed generations of a domain: the lists that show it change too.</summary>
    private async Task RenewListsThatLinkAsync(KmsDbContext context, IEnumerable<string> kmsUris)
    {
        string[] changed = [.. kmsUris.Distinct(StringComparer.Ordinal)];
        List<string> domains = await context.Partners
            .Where(row => row.IsLinked && row.State == PartnerState.Approved && changed.Contains(row.KmsUri))
            .Select(row => row.Domain).Distinct().ToListAsync(CancellationToken.None);
        foreach (string domain in domains)
        {
            await RenewPartnerCacheAsync(context, domain);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task RecordRedirectsAsync(
        IReadOnlyList<RedirectReport> reports, IReadOnlyList<string> proposed, RedirectLimits limits, AuditEntry entry,
        CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                foreach (RedirectReport report in reports)
                {
                    context.Redirects.Add(new RedirectRow
                    {
                        Domain = report.Domain,
                        Issuer = report.Issuer,
                        Subject = report.Subject,
                        Time = report.Time.ToUnixTimeMilliseconds(),
                        Content = report.Content.ToArray(),
                    });
                }

                await CountProposedAsync(context, reports[0].Domain, proposed, reports[0].Time.ToUnixTimeMilliseconds());
                await context.SaveChangesAsync(CancellationToken.None);
                await KeepWithinAsync(context, reports[0], limits);
            },
            [entry],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RedirectReport>> FindRedirectsAsync(
        string domain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<RedirectReport>>(async context =>
        {
            List<RedirectRow> rows = await context.Redirects.AsNoTracking().Where(row => row.Domain == domain)
                .OrderBy(row => row.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => new RedirectReport(
                row.Domain, row.Issuer, row.Subject, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), row.Content))];
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<ProposedKms>> FindProposedAsync(string domain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<ProposedKms>>(async context =>
        {
            List<ProposedKmsRow> rows = await context.ProposedKms.AsNoTracking().Where(row => row.Domain == domain)
                .OrderByDescending(row => row.LastSeen).ThenBy(row => row.KmsUri).ToListAsync(cancellationToken);
            return [.. rows.Select(row => new ProposedKms(
                row.KmsUri,
                DateTimeOffset.FromUnixTimeMilliseconds(row.FirstSeen),
                DateTimeOffset.FromUnixTimeMilliseconds(row.LastSeen),
                row.Count))];
        });

    /// <inheritdoc/>
    public Task DismissProposedAsync(
        string domain, string kmsUri, AuditEntry entry, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context => context.ProposedKms.Remove(
                await context.ProposedKms.FindAsync([domain, kmsUri], CancellationToken.None)
                    ?? throw new KmsException(KmsError.PartnerUnknown)),
            [entry],
            cancellationToken);

    private static async Task CountProposedAsync(
        KmsDbContext context, string domain, IReadOnlyList<string> proposed, long time)
    {
        foreach (string kmsUri in proposed)
        {
            ProposedKmsRow? row = await context.ProposedKms.FindAsync([domain, kmsUri], CancellationToken.None);
            if (row is null)
            {
                context.ProposedKms.Add(
                    row = new ProposedKmsRow { Domain = domain, KmsUri = kmsUri, FirstSeen = time });
            }

            row.LastSeen = time;
            row.Count++;
        }
    }

    private static async Task KeepWithinAsync(KmsDbContext context, RedirectReport report, RedirectLimits limits)
    {
        IQueryable<RedirectRow> reports = context.Redirects.Where(row => row.Domain == report.Domain);
        await reports.Where(row => row.Issuer == report.Issuer && row.Subject == report.Subject)
            .OrderByDescending(row => row.Id).Skip(limits.PerRequester).ExecuteDeleteAsync(CancellationToken.None);
        await reports.OrderByDescending(row => row.Id).Skip(limits.PerDomain).ExecuteDeleteAsync(CancellationToken.None);
        List<ProposedKmsRow> excess = await context.ProposedKms.Where(row => row.Domain == report.Domain)
            .OrderByDescending(row => row.LastSeen).ThenBy(row => row.KmsUri).Skip(limits.ProposedPerDomain)
            .ToListAsync(CancellationToken.None);
        context.ProposedKms.RemoveRange(excess);
    }
}

using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public async Task<long> AddGrantAsync(
        MigrationGrant grant, AuditEntry entry, CancellationToken cancellationToken = default)
    {
        MigrationGrantRow? added = null;
        await ActAsync(
            context =>
            {
                added = grant.ToRow();
                context.MigrationGrants.Add(added);
                return Task.CompletedTask;
            },
            [entry],
            cancellationToken);
        return added!.Id;
    }

    /// <inheritdoc/>
    public Task RevokeGrantAsync(
        string domain, long id, DateTimeOffset at, AuditEntry entry, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                MigrationGrantRow row = await context.MigrationGrants.SingleOrDefaultAsync(
                    row => row.Domain == domain && row.Id == id && row.RevokedAt == null, CancellationToken.None)
                    ?? throw new KmsException(KmsError.GrantUnknown);
                row.RevokedAt = at.ToUnixTimeMilliseconds();
            },
            [entry],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MigrationGrant>> FindGrantsAsync(
        string domain, string? userUri, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<MigrationGrant>>(async context =>
        {
            List<MigrationGrantRow> rows = await context.MigrationGrants.AsNoTracking()
                .Where(row => row.Domain == domain && (userUri == null || row.UserUri == userUri))
                .OrderBy(row => row.Id).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToGrant())];
        });
}

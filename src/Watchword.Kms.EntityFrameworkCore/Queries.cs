using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>What is asked of a context in several places.</summary>
internal static class Queries
{
    public static async Task<AuditHead> HeadAsync(this KmsDbContext context, CancellationToken cancellationToken)
    {
        var last = await context.Audit.OrderByDescending(record => record.Sequence)
            .Select(record => new { record.Sequence, record.Hash, record.Time })
            .FirstOrDefaultAsync(cancellationToken);
        return last is null
            ? AuditHead.Empty
            : new AuditHead(last.Sequence, last.Hash, DateTimeOffset.FromUnixTimeMilliseconds(last.Time));
    }
}

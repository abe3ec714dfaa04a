using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public TimeSpan ClockTolerance => _provider.ClockTolerance;

    /// <inheritdoc/>
    public Task<AuditHead> GetAuditHeadAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.HeadAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default) =>
        _writer.WriteAsync(new AuditUnit(entries, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditRecord> ReadAuditAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using KmsDbContext context = _provider.CreateContext();
        IAsyncEnumerable<AuditRow> rows = context.Audit.AsNoTracking().Where(record => record.Sequence > after)
            .OrderBy(record => record.Sequence).AsAsyncEnumerable();
        await foreach (AuditRow row in rows.WithCancellation(cancellationToken))
        {
            yield return row.ToRecord();
        }
    }
}

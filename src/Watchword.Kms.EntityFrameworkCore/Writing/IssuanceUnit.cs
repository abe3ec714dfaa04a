using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Issuances with their outcomes. What the store knows of them is read for a whole group at once.</summary>
internal sealed class IssuanceUnit(
    IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes, CancellationToken cancellationToken)
    : WriteUnit(outcomes, cancellationToken)
{
    public IReadOnlyList<IssuanceRecord> Issued { get; } = issued;

    protected override Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction)
    {
        KnownIssuances known = transaction.Known!;
        foreach (IssuanceRecord record in Issued)
        {
            known.Check(record);
        }

        AuditRecord[] records = transaction.Append(Entries);
        for (int i = 0; i < records.Length; i++)
        {
            IssuanceRow row = Issued[i].ToRow(records[i].Sequence);
            known.Add(row);
            transaction.Stage(row);
        }

        return Task.FromResult<IReadOnlyList<AuditRecord>>(records);
    }
}

using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>An intent or an outcome with its issuances. What the store knows of them is read for a whole group at once.</summary>
/// <param name="issued">The issuances of one requester.</param>
/// <param name="entry">Their one audit entry.</param>
/// <param name="conditions">What must hold.</param>
/// <param name="isOutcome">False for an intent: then no issuance is recorded yet.</param>
/// <param name="cancellationToken">Gives up before it has begun.</param>
internal sealed class IssuanceUnit(
    IReadOnlyList<IssuanceRecord> issued, AuditEntry entry, IssuanceConditions conditions, bool isOutcome,
    CancellationToken cancellationToken)
    : WriteUnit([entry], cancellationToken)
{
    public IReadOnlyList<IssuanceRecord> Issued { get; } = issued;

    public IssuanceConditions Conditions { get; } = conditions;

    protected override Task<IReadOnlyList<AuditRecord>> WriteAsync(WriteTransaction transaction)
    {
        IssuanceFacts facts = transaction.Facts!;
        foreach (IssuanceRecord record in Issued)
        {
            facts.Check(record, Conditions, transaction.Now);
        }

        AuditRecord[] records = transaction.Append(Entries);
        if (isOutcome)
        {
            foreach (IssuanceRow row in Issued.Select(record => record.ToRow(records[0].Sequence)))
            {
                facts.Add(row);
                transaction.Stage(row);
            }
        }

        return Task.FromResult<IReadOnlyList<AuditRecord>>(records);
    }
}

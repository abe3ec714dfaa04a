using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRecord>> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, IReadOnlyList<AuditEntry> outcomes,
        CancellationToken cancellationToken = default) =>
        issued.Count == outcomes.Count
            ? _writer.WriteAsync(new IssuanceUnit(issued, outcomes, cancellationToken), cancellationToken)
            : throw new ArgumentException("One outcome for each issuance.", nameof(outcomes));

    /// <inheritdoc/>
    public Task<bool> WasIssuedAsync(
        string kmsUri, int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.Issuances.AnyAsync(
            row => row.KmsUri == kmsUri && row.Generation == generation && row.PeriodNumber == periodNumber
                && row.UserUri == userUri && row.Issuer == issuer && row.Subject == subject,
            cancellationToken));
}

using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task<AuditRecord> BeginIssuanceAsync(
        IReadOnlyList<IssuanceRecord> intended, AuditEntry intent, IssuanceConditions conditions,
        CancellationToken cancellationToken = default) =>
        IssueAsync(new IssuanceUnit(intended, intent, conditions, isOutcome: false, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AuditRecord> RecordIssuanceAsync(
        IReadOnlyList<IssuanceRecord> issued, AuditEntry outcome, IssuanceConditions conditions,
        CancellationToken cancellationToken = default) =>
        IssueAsync(new IssuanceUnit(issued, outcome, conditions, isOutcome: true, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> WasIssuedAsync(
        string kmsUri, int generation, long periodNumber, string userUri, string issuer, string subject,
        CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.Issuances.AnyAsync(
            row => row.KmsUri == kmsUri && row.Generation == generation && row.PeriodNumber == periodNumber
                && row.UserUri == userUri && row.Issuer == issuer && row.Subject == subject,
            cancellationToken));

    /// <inheritdoc/>
    public async Task AddOverrideAsync(
        IdentityOverride allowed, AuditEntry entry, CancellationToken cancellationToken = default)
    {
        int erased = 0;
        await ActAsync(
            async context =>
            {
                // It has another holder now: what was prepared for the one before is of no use.
                erased = await context.EraseOfIdentityAsync(allowed.KmsUri, allowed.UserUri, []);
                byte[] userId = allowed.UserId.ToArray();
                if (!await context.IdentityOverrides.AnyAsync(
                    row => row.UserId == userId && row.Issuer == allowed.Issuer && row.Subject == allowed.Subject,
                    CancellationToken.None))
                {
                    context.IdentityOverrides.Add(allowed.ToRow(_time.GetUtcNow().ToUnixTimeMilliseconds()));
                }
            },
            [entry],
            cancellationToken);
        await ForgetAsync(erased);
    }

    private async Task<AuditRecord> IssueAsync(IssuanceUnit unit, CancellationToken cancellationToken) =>
        (await _writer.WriteAsync(unit, cancellationToken))[0];
}

using System.Runtime.CompilerServices;
using System.Security.Cryptography;
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
    public ValueTask<AuditHead> GetKnownAuditHeadAsync(CancellationToken cancellationToken = default) =>
        _writer.KnownHead is { } known ? new(known) : new(GetAuditHeadAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRecord>> AppendAuditAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken = default) =>
        _writer.WriteAsync(new AuditUnit(entries, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<AuditRecord> ReadAuditAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<AuditRow> rows = StreamAsync(
            context => context.Audit.AsNoTracking().Where(record => record.Sequence > after).OrderBy(record => record.Sequence),
            cancellationToken);
        await foreach (AuditRow row in rows)
        {
            yield return row.ToRecord();
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RoleAct>> FindRoleActsAsync(long after, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<RoleAct>>(async context =>
        {
            var rows = await context.Audit.AsNoTracking()
                .Where(row => row.Sequence > after && row.Kind != (int)AuditKind.Denied
                    && row.Role != null && row.Issuer != null && row.Subject != null)
                .Select(row => new { row.KmsUri, row.Issuer, row.Subject, row.Role })
                .Distinct()
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => new RoleAct(row.KmsUri, row.Issuer!, row.Subject!, row.Role!))];
        });

    /// <inheritdoc/>
    public async Task<AuditCheckpoint?> AppendCheckpointAsync(
        IAuditSigner signer, CheckpointDue? due, AuditEntry entry, CancellationToken cancellationToken = default)
    {
        AuditCheckpoint? made = null;
        await ActAsync(
            async transaction =>
            {
                CheckpointRow? last = await LastCheckpointAsync(transaction.Context, CancellationToken.None);
                made = IsDue(transaction, last, due) ? Sign(transaction, signer) : null;
                if (made is null)
                {
                    return [];
                }

                transaction.Context.Checkpoints.Add(made.ToRow());
                if (!await transaction.Context.AuditKeys.AnyAsync(key => key.KeyId == made.KeyId, CancellationToken.None))
                {
                    transaction.Context.AuditKeys.Add(new AuditKeyRow
                    {
                        KeyId = made.KeyId, PublicKey = signer.PublicKey.Export(), FirstSequence = made.Sequence,
                    });
                }

                return [WithSignature(entry, made)];
            },
            cancellationToken);
        return made;
    }

    /// <inheritdoc/>
    public Task<AuditCheckpoint?> FindLastCheckpointAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(async context => (await LastCheckpointAsync(context, cancellationToken))?.ToRecord());

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditPublicKey>> FindAuditKeysAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<AuditPublicKey>>(async context =>
        {
            List<byte[]> keys = await context.AuditKeys.OrderBy(key => key.FirstSequence).Select(key => key.PublicKey)
                .ToListAsync(cancellationToken);
            try
            {
                return [.. keys.Select(key => AuditPublicKey.Import(key))];
            }
            catch (CryptographicException fault)
            {
                throw new KmsException(KmsError.StoreUnavailable, "an audit key in the store is damaged", fault);
            }
        });

    private static Task<CheckpointRow?> LastCheckpointAsync(KmsDbContext context, CancellationToken cancellationToken) =>
        context.Checkpoints.AsNoTracking().OrderByDescending(row => row.Sequence).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Behind the last checkpoint stands its own record, which needs no other.</summary>
    private static bool IsDue(WriteTransaction transaction, CheckpointRow? last, CheckpointDue? due)
    {
        long since = transaction.Head.Sequence - (last is null ? 0 : last.Sequence + 1);
        return transaction.Head.Sequence > 0 && (due is null || (since > 0 && (last is null || since >= due.Records
            || transaction.Now - DateTimeOffset.FromUnixTimeMilliseconds(last.Time) >= due.Age)));
    }

    private static AuditCheckpoint Sign(WriteTransaction transaction, IAuditSigner signer)
    {
        try
        {
            return AuditCheckpoint.Sign(transaction.Head, transaction.Now, signer);
        }
        catch (CryptographicException fault)
        {
            throw new KmsException(KmsError.InternalError, "the audit key does not sign", fault);
        }
    }

    private static AuditEntry WithSignature(AuditEntry entry, AuditCheckpoint checkpoint) => new()
    {
        Kind = AuditKind.Checkpoint,
        KmsUri = entry.KmsUri,
        Generation = entry.Generation,
        CorrelationId = entry.CorrelationId,
        Issuer = entry.Issuer,
        Subject = entry.Subject,
        Role = entry.Role,
        Detail = checkpoint.ToDetail(),
    };
}

using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>One transaction with all units of a group. It holds the end of the audit log, so nobody else links to it.</summary>
internal sealed class WriteTransaction
{
    private readonly StoreProvider _provider;
    private readonly IDbContextTransaction _transaction;
    private readonly DateTimeOffset _now;
    private readonly List<AuditRecord> _staged = [];
    private readonly List<IssuanceRow> _issuances = [];
    private AuditHead _head;

    private WriteTransaction(
        StoreProvider provider, KmsDbContext context, IDbContextTransaction transaction, AuditHead head, DateTimeOffset now)
    {
        _provider = provider;
        Context = context;
        _transaction = transaction;
        _head = head;
        _now = now;
    }

    public KmsDbContext Context { get; }

    /// <summary>What the units of issuances that follow need to know; null when it must be read again.</summary>
    public KnownIssuances? Known { get; set; }

    /// <summary>Begins the transaction and reads the end of the audit log within it.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClockBehindAudit"/>.</exception>
    public static async Task<WriteTransaction> BeginAsync(
        StoreProvider provider, KmsDbContext context, IDbContextTransaction transaction, TimeProvider time)
    {
        AuditHead head = await context.HeadAsync(CancellationToken.None);
        DateTimeOffset now = time.GetUtcNow();
        long milliseconds = now.ToUnixTimeMilliseconds();
        if (milliseconds < (head.Time - provider.ClockTolerance).ToUnixTimeMilliseconds())
        {
            throw new KmsException(KmsError.ClockBehindAudit);
        }

        return new WriteTransaction(provider, context, transaction, head, now < head.Time ? head.Time : now);
    }

    /// <summary>Links records to the log. They are written with the next flush.</summary>
    public AuditRecord[] Append(IReadOnlyList<AuditEntry> entries)
    {
        AuditRecord[] records = new AuditRecord[entries.Count];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = AuditRecord.Append(_head, _now, entries[i]);
            _head = records[i].ToHead();
        }

        _staged.AddRange(records);
        return records;
    }

    /// <summary>A row of an issuance, written with the next flush.</summary>
    public void Stage(IssuanceRow issuance) => _issuances.Add(issuance);

    /// <summary>Writes what was staged.</summary>
    public async Task FlushAsync()
    {
        if (_staged.Count > 0)
        {
            await _provider.WriteAsync(this, Tables.Audit, _staged, CancellationToken.None);
            _staged.Clear();
        }

        if (_issuances.Count > 0)
        {
            await _provider.WriteAsync(this, Tables.Issuance, _issuances, CancellationToken.None);
            _issuances.Clear();
        }
    }

    public Task CommitAsync() => _transaction.CommitAsync();

    /// <summary>A command within the transaction.</summary>
    public DbCommand CreateCommand()
    {
        DbCommand command = Context.Database.GetDbConnection().CreateCommand();
        command.Transaction = _transaction.GetDbTransaction();
        return command;
    }
}

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
    private readonly List<AuditRecord> _staged = [];
    private readonly Dictionary<(string UserId, int Generation, string Issuer, string Subject), IssuanceRow> _issuances = [];

    private WriteTransaction(
        StoreProvider provider, KmsDbContext context, IDbContextTransaction transaction, AuditHead head, DateTimeOffset now)
    {
        _provider = provider;
        Context = context;
        _transaction = transaction;
        Head = head;
        Now = now.ToStoreTime();
    }

    public KmsDbContext Context { get; }

    /// <summary>What the units of issuances that follow need to know; null when it must be read again.</summary>
    public IssuanceFacts? Facts { get; set; }

    /// <summary>The time of all records of the transaction, in whole milliseconds.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The end of the log, what was staged included.</summary>
    public AuditHead Head { get; private set; }

    /// <param name="provider">The database.</param>
    /// <param name="context">On which the transaction has begun.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="head">The end of the audit log, read within it.</param>
    /// <param name="time">The clock; read after the head, or a record of another node would look like a clock gone back.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ClockBehindAudit"/>.</exception>
    public static WriteTransaction Begin(
        StoreProvider provider, KmsDbContext context, IDbContextTransaction transaction, AuditHead head, TimeProvider time)
    {
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
            records[i] = AuditRecord.Append(Head, Now, entries[i]);
            Head = records[i].ToHead();
        }

        _staged.AddRange(records);
        return records;
    }

    /// <summary>A row of an issuance, written with the next flush.</summary>
    public void Stage(IssuanceRow issuance)
    {
        // One statement may write a row once only: what is issued again within the group is one row.
        var key = (Convert.ToHexString(issuance.UserId), issuance.Generation, issuance.Issuer, issuance.Subject);
        if (_issuances.TryGetValue(key, out IssuanceRow? same))
        {
            same.LastOutcome = issuance.LastOutcome;
        }
        else
        {
            _issuances.Add(key, issuance);
        }
    }

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
            await _provider.WriteAsync(this, Tables.Issuance, [.. _issuances.Values], CancellationToken.None);
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

using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>What differs between the databases.</summary>
internal abstract class StoreProvider
{
    /// <summary>How far the clock of a node may be behind the last record of another.</summary>
    public abstract TimeSpan ClockTolerance { get; }

    /// <summary>What an error calls the database; no password in it.</summary>
    public abstract string Name { get; }

    public abstract KmsDbContext CreateContext();

    /// <summary>False if the database was never initialised.</summary>
    public abstract Task<bool> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>Brings the tables up to date while no other node does the same.</summary>
    public abstract Task MigrateAsync(KmsDbContext context, CancellationToken cancellationToken);

    /// <summary>Begins a transaction that no other writer of this database runs beside: who has it may link to the end of the
    /// audit log. Runs the queries within it, and sees everything that was committed before.</summary>
    public abstract Task<IDbContextTransaction> BeginAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken);

    /// <summary>Runs queries in as few steps as the database needs, within the transaction of the context if it has
    /// one.</summary>
    public abstract Task QueryAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken);

    /// <summary>The condition that a column equals one of the values of a list.</summary>
    /// <param name="column">The column, quoted.</param>
    /// <param name="kind">What the values are.</param>
    /// <param name="number">The number of the parameter.</param>
    public abstract string AnyOf(string column, ColumnKind kind, int number);

    /// <summary>Writes rows in as few steps as the database needs.</summary>
    public abstract Task WriteAsync<TRow>(
        WriteTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken cancellationToken);

    /// <summary>After rows were erased: has their octets leave the files of the database where that is possible.</summary>
    public abstract Task ForgetAsync(KmsDbContext context, CancellationToken cancellationToken);

    /// <summary>True if the statement failed by what it was to write, so that other writes would succeed.</summary>
    public abstract bool IsFaultOfContent(DbException fault);

    /// <summary>True if the same again may succeed at once: a lost connection, a conflict. Says nothing of a commit.</summary>
    public abstract bool IsTransient(DbException fault);

    /// <summary>Lets go of every connection.</summary>
    public abstract void Close();
}

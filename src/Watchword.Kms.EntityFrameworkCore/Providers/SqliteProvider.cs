using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>SQLite: each writing transaction begins as IMMEDIATE, so that the chain holds even with two processes on one
/// file.</summary>
internal sealed class SqliteProvider(string path) : StoreProvider
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;
    /// <summary>A context costs more to make than a query to run: they are used again.</summary>
    private readonly PooledDbContextFactory<SqliteKmsDbContext> _contexts = new(SqliteKmsDbContext.OptionsFor(path));

    /// <summary>One machine has one clock.</summary>
    public override TimeSpan ClockTolerance => TimeSpan.Zero;

    public override string Name => path;

    public override KmsDbContext CreateContext() => _contexts.CreateDbContext();

    public override Task<bool> ExistsAsync(CancellationToken cancellationToken) => Task.FromResult(File.Exists(path));

    public override Task MigrateAsync(KmsDbContext context, CancellationToken cancellationToken) =>
        context.Database.MigrateAsync(cancellationToken);

    public override Task<IDbContextTransaction> BeginAsync(KmsDbContext context, CancellationToken cancellationToken) =>
        context.Database.BeginTransactionAsync(cancellationToken);

    /// <summary>In the same process a statement per row costs least.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names of tables and columns are constants; values are parameters.")]
    public override async Task WriteAsync<TRow>(
        WriteTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken cancellationToken)
    {
        using DbCommand command = transaction.CreateCommand();
        DbParameter[] parameters = new DbParameter[table.Columns.Count];
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = command.CreateParameter();
            parameters[i].ParameterName = $"@p{i}";
            command.Parameters.Add(parameters[i]);
        }

        string values = string.Join(", ", parameters.Select(parameter => parameter.ParameterName));
        command.CommandText = $"{table.InsertInto} VALUES ({values}) {table.OnConflict}";
        foreach (TRow row in rows)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].Value = table.Columns[i].Value(row) ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Erased rows are overwritten in the file (<c>secure_delete</c>); the write-ahead log still has them as they were,
    /// until it is emptied. Somebody who reads just now keeps it: then the next erasure empties it, or the end of the
    /// process.</summary>
    public override Task ForgetAsync(KmsDbContext context, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);

    public override bool IsFaultOfContent(DbException fault) =>
        fault is SqliteException { SqliteErrorCode: Constraint or TooBig or Mismatch };

    public override bool IsTransient(DbException fault) => false;

    /// <summary>Closing the last connection also empties the write-ahead log into the file.</summary>
    public override void Close()
    {
        using SqliteConnection connection = new(KmsDatabase.SqliteConnectionString(path));
        SqliteConnection.ClearPool(connection);
    }
}

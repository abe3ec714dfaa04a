using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
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
    private const string Empty = "PRAGMA busy_timeout=100; PRAGMA wal_checkpoint(TRUNCATE);";

    /// <summary>A context costs more to make than a query to run: they are used again.</summary>
    private readonly PooledDbContextFactory<SqliteKmsDbContext> _contexts = new(SqliteKmsDbContext.OptionsFor(path));

    /// <summary>One machine has one clock.</summary>
    public override TimeSpan ClockTolerance => TimeSpan.Zero;

    public override string Name => path;

    public override KmsDbContext CreateContext() => _contexts.CreateDbContext();

    public override Task<bool> ExistsAsync(CancellationToken cancellationToken) => Task.FromResult(File.Exists(path));

    public override Task MigrateAsync(KmsDbContext context, CancellationToken cancellationToken) =>
        context.Database.MigrateAsync(cancellationToken);

    public override async Task<IDbContextTransaction> BeginAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken)
    {
        IDbContextTransaction transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await QueryAsync(context, queries, cancellationToken);
        return transaction;
    }

    public override async Task QueryAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            foreach (StoreQuery query in queries)
            {
                await using DbCommand command = ToCommand(context, query);
                await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    query.Row(reader);
                }
            }
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    /// <summary>A list is one parameter, a JSON array; octets stand in it as hexadecimal digits.</summary>
    public override string AnyOf(string column, ColumnKind kind, int number) => kind == ColumnKind.Octets
        ? $"{column} IN (SELECT unhex(value) FROM json_each(${number}))"
        : $"{column} IN (SELECT value FROM json_each(${number}))";

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
    /// until it is emptied. While that waits for readers nobody writes, and an export reads for as long as its client likes: so
    /// it does not wait for long. Who reads longer keeps the log; then the next erasure empties it, or the end of the
    /// process.</summary>
    public override async Task ForgetAsync(KmsDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await context.Database.ExecuteSqlRawAsync(Empty, cancellationToken);
        }
        finally
        {
            await context.Database.ExecuteSqlRawAsync(SqliteSettings.Patience, CancellationToken.None);
            await context.Database.CloseConnectionAsync();
        }
    }

    public override bool IsFaultOfContent(DbException fault) =>
        fault is SqliteException { SqliteErrorCode: Constraint or TooBig or Mismatch };

    public override bool IsTransient(DbException fault) => false;

    [SuppressMessage("Security", "CA2100", Justification = "A query has names and constants in its text only.")]
    private static DbCommand ToCommand(KmsDbContext context, StoreQuery query)
    {
        DbCommand command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = query.Sql;
        for (int i = 0; i < query.Values.Count; i++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = $"${i + 1}";
            parameter.Value = query.Values[i] is { IsList: true } list ? ToJson(list) : query.Values[i].Values[0];
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static string ToJson(QueryValue list) => list.Kind switch
    {
        ColumnKind.Text => JsonSerializer.Serialize(list.Values.Cast<string>()),
        ColumnKind.Octets => JsonSerializer.Serialize(list.Values.Cast<byte[]>().Select(Convert.ToHexString)),
        _ => JsonSerializer.Serialize(list.Values.Cast<long>()),
    };

    /// <summary>Closing the last connection also empties the write-ahead log into the file.</summary>
    public override void Close()
    {
        using SqliteConnection connection = new(KmsDatabase.SqliteConnectionString(path));
        SqliteConnection.ClearPool(connection);
    }
}

using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// PostgreSQL: writers of all nodes take turns by an advisory lock that the transaction holds, so that each sees the end of the
/// audit log as the one before committed it.
/// </summary>
internal sealed class PostgreSqlProvider : StoreProvider
{
    // The first number is this project's, "watc" in ASCII; the second says what is locked.
    private const int LockClass = 0x77617463;
    private const int HeadLock = 1;
    private const int MigrationLock = 2;

    /// <summary>A commit has reached the disk when it returns even where the database's default says otherwise.</summary>
    private static readonly StoreQuery Lock = new(
        $"""
        SELECT pg_advisory_xact_lock({LockClass}, {HeadLock}),
          CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END
        """,
        [],
        _ => { });

    private readonly NpgsqlDataSource _source;

    /// <summary>A context costs more to make than a query to run: they are used again.</summary>
    private readonly PooledDbContextFactory<PostgreSqlKmsDbContext> _contexts;

    public PostgreSqlProvider(NpgsqlConnectionStringBuilder connection)
    {
        // Values of parameters hold identities, and error details repeat them.
        connection.IncludeErrorDetail = false;
        connection.LogParameters = false;
        if (connection.MaxAutoPrepare == 0)
        {
            connection.MaxAutoPrepare = 50;
        }

        // Every query of a request has an index. Before statistics are gathered the planner takes a few dozen UIDs for a large part
        // of the table and reads it whole, for each group of requests. Its high price for such reading where there is no other
        // way must not make it compile the query.
        connection.Options = $"{connection.Options} -c enable_seqscan=off -c jit=off".TrimStart();

        Name = $"{connection.Host}/{connection.Database}";
        _source = NpgsqlDataSource.Create(connection);
        _contexts = new PooledDbContextFactory<PostgreSqlKmsDbContext>(PostgreSqlKmsDbContext.OptionsFor(_source));
    }

    public override TimeSpan ClockTolerance => TimeSpan.FromSeconds(1);

    public override string Name { get; }

    public override KmsDbContext CreateContext() => _contexts.CreateDbContext();

    public override async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _source.CreateCommand("SELECT to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL");
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    public override async Task MigrateAsync(KmsDbContext context, CancellationToken cancellationToken)
    {
        // A lock of the session on a connection of its own: migrations commit on theirs, one by one.
        await using NpgsqlConnection guard = await _source.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(guard, $"SELECT pg_advisory_lock({LockClass}, {MigrationLock})", cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
        await ExecuteAsync(guard, $"SELECT pg_advisory_unlock({LockClass}, {MigrationLock})", cancellationToken);
    }

    public override async Task<IDbContextTransaction> BeginAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken)
    {
        // Read committed, not serialisable: what is read behind the lock is what the transaction before committed. The lock and
        // the queries go in one message, and each is a statement with a view of its own.
        IDbContextTransaction transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await QueryAsync(context, [Lock, .. queries], cancellationToken);
        return transaction;
    }

    public override async Task QueryAsync(
        KmsDbContext context, IReadOnlyList<StoreQuery> queries, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using NpgsqlBatch batch = new(
                (NpgsqlConnection)context.Database.GetDbConnection(),
                context.Database.CurrentTransaction?.GetDbTransaction() as NpgsqlTransaction);
            foreach (StoreQuery query in queries)
            {
                batch.BatchCommands.Add(ToCommand(query));
            }

            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken);
            foreach (StoreQuery query in queries)
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    query.Row(reader);
                }

                await reader.NextResultAsync(cancellationToken);
            }
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    public override string AnyOf(string column, ColumnKind kind, int number) => $"{column} = ANY(${number})";

    /// <summary>One statement for all rows: an array for each column.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names of tables and columns are constants; values are parameters.")]
    public override async Task WriteAsync<TRow>(
        WriteTransaction transaction, BulkTable<TRow> table, IReadOnlyList<TRow> rows, CancellationToken cancellationToken)
    {
        using NpgsqlCommand command = (NpgsqlCommand)transaction.CreateCommand();
        foreach (BulkColumn<TRow> column in table.Columns)
        {
            command.Parameters.Add(ToArray(column, rows));
        }

        string arrays = string.Join(", ", Enumerable.Range(1, table.Columns.Count).Select(number => $"${number}"));
        command.CommandText = $"{table.InsertInto} SELECT * FROM unnest({arrays}) {table.OnConflict}";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The autovacuum of the database does it in its own time; a transaction cannot.</summary>
    public override Task ForgetAsync(KmsDbContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    public override bool IsFaultOfContent(DbException fault) =>
        fault is PostgresException { SqlState: ['2', '2' or '3', ..] or ['5', '4', ..] };

    public override bool IsTransient(DbException fault) => fault is NpgsqlException { IsTransient: true };

    public override void Close() => _source.Dispose();

    [SuppressMessage("Security", "CA2100", Justification = "A query has names and constants in its text only.")]
    private static NpgsqlBatchCommand ToCommand(StoreQuery query)
    {
        NpgsqlBatchCommand command = new(query.Sql);
        foreach (QueryValue value in query.Values)
        {
            command.Parameters.Add(value switch
            {
                { IsList: false } => new NpgsqlParameter { Value = value.Values[0] },
                { Kind: ColumnKind.Text } => Array(NpgsqlDbType.Text, value.Values.Cast<string>()),
                { Kind: ColumnKind.Octets } => Array(NpgsqlDbType.Bytea, value.Values.Cast<byte[]>()),
                _ => Array(NpgsqlDbType.Bigint, value.Values.Cast<long>()),
            });
        }

        return command;
    }

    private static NpgsqlParameter ToArray<TRow>(BulkColumn<TRow> column, IReadOnlyList<TRow> rows) => column.Kind switch
    {
        ColumnKind.Text => Array(NpgsqlDbType.Text, rows.Select(row => (string?)column.Value(row))),
        ColumnKind.Octets => Array(NpgsqlDbType.Bytea, rows.Select(row => (byte[]?)column.Value(row))),
        ColumnKind.Integer => Array(NpgsqlDbType.Bigint, rows.Select(row => (long?)column.Value(row))),
        _ => Array(NpgsqlDbType.Integer, rows.Select(row => (int?)column.Value(row))),
    };

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    [SuppressMessage("Security", "CA2100", Justification = "The numbers of locks are constants.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// What every connection is set to: write-ahead log, and a commit that has reached the disk when it returns. The default of the
/// library for the latter depends on how SQLite was compiled, and the promise of the audit log rests on it. What is erased is
/// overwritten.
/// </summary>
internal sealed class SqliteSettings : DbConnectionInterceptor
{
    /// <summary>How long a statement waits for others.</summary>
    public const string Patience = "PRAGMA busy_timeout=10000;";

    private const string Settings =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; " + Patience;

    /// <summary>Connections of the pool that are set already: they stay so, and are opened for every query.</summary>
    private static readonly ConditionalWeakTable<object, object> Set = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (IsReadOnly(connection) || IsSet(connection))
        {
            return;
        }

        using DbCommand command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
        Remember(connection);
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (IsReadOnly(connection) || IsSet(connection))
        {
            return;
        }

        await using DbCommand command = connection.CreateCommand();
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        Remember(connection);
    }

    private static bool IsSet(DbConnection connection) =>
        ((SqliteConnection)connection).Handle is { } handle && Set.TryGetValue(handle, out _);

    private static void Remember(DbConnection connection) =>
        Set.AddOrUpdate(((SqliteConnection)connection).Handle!, string.Empty);

    // EF Core looks whether the database exists through a read-only connection, which cannot change the journal of a new file.
    private static bool IsReadOnly(DbConnection connection) =>
        new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly;
}

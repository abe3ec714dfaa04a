using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Watchword.ResourceServers.Storage;

/// <summary>The tables on SQLite, which compares text octet by octet of itself.</summary>
internal sealed class SqliteServicesDbContext(DbContextOptions<SqliteServicesDbContext> options) : ServicesDbContext(options)
{
    internal static DbContextOptions<SqliteServicesDbContext> OptionsFor(string path) =>
        new DbContextOptionsBuilder<SqliteServicesDbContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate }.ToString())
            .AddInterceptors(new ConnectionSettings())
            .Options;

    /// <summary>
    /// Write-ahead log, a commit that has reached the disk when it returns, and patience while another writes. Keys that are wiped are
    /// overwritten.
    /// </summary>
    private sealed class ConnectionSettings : DbConnectionInterceptor
    {
        private const string Settings =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA busy_timeout=10000;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            if (IsReadOnly(connection))
            {
                return;
            }

            using DbCommand command = connection.CreateCommand();
            command.CommandText = Settings;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (IsReadOnly(connection))
            {
                return;
            }

            await using DbCommand command = connection.CreateCommand();
            command.CommandText = Settings;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // EF Core looks whether the database exists through a read-only connection, which cannot change the journal of a new file.
        private static bool IsReadOnly(DbConnection connection) =>
            new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly;
    }
}

/// <summary>For the tool that writes migrations.</summary>
internal sealed class SqliteServicesDbContextFactory : IDesignTimeDbContextFactory<SqliteServicesDbContext>
{
    /// <inheritdoc/>
    public SqliteServicesDbContext CreateDbContext(string[] args) => new(SqliteServicesDbContext.OptionsFor("design.db"));
}

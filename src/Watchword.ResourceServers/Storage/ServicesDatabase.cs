using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Watchword.ResourceServers.Storage;

/// <summary>The database of the services: a file of SQLite for one node, or a PostgreSQL. Contexts are made anew for each unit of
/// work and belong to who asked for them.</summary>
internal sealed class ServicesDatabase
{
    private readonly Func<ServicesDbContext> _create;

    private ServicesDatabase(Func<ServicesDbContext> create, bool isFile)
    {
        _create = create;
        IsFile = isFile;
    }

    /// <summary>True for SQLite.</summary>
    public bool IsFile { get; }

    /// <summary>A file of SQLite.</summary>
    public static ServicesDatabase Sqlite(string path)
    {
        PooledDbContextFactory<SqliteServicesDbContext> contexts = new(SqliteServicesDbContext.OptionsFor(path));
        return new ServicesDatabase(contexts.CreateDbContext, isFile: true);
    }

    /// <summary>A database of PostgreSQL, which must exist.</summary>
    /// <param name="connectionString">May hold a password: it is never logged and no exception of ours has it.</param>
    public static ServicesDatabase PostgreSql(string connectionString)
    {
        PooledDbContextFactory<PostgreSqlServicesDbContext> contexts = new(PostgreSqlServicesDbContext.OptionsFor(connectionString));
        return new ServicesDatabase(contexts.CreateDbContext, isFile: false);
    }

    /// <summary>True for a connection string that names a host and a database.</summary>
    public static bool IsPostgreSql(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder parsed = new(connectionString);
            return !string.IsNullOrEmpty(parsed.Host) && !string.IsNullOrEmpty(parsed.Database);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException or OverflowException
            or KeyNotFoundException)
        {
            // The parser's message may repeat a part of the string.
            return false;
        }
    }

    /// <summary>A context for one unit of work; the caller disposes it.</summary>
    public ServicesDbContext CreateContext() => _create();

    /// <summary>Brings the tables to the state of this version.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using ServicesDbContext context = CreateContext();
        await context.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>The type's name: a connection string stays out of logs.</summary>
    public override string ToString() => nameof(ServicesDatabase);
}

using Microsoft.Data.Sqlite;
using Npgsql;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Which database: a file of SQLite for one node, or a PostgreSQL for one or many.</summary>
public sealed class KmsDatabase
{
    private KmsDatabase(StoreProvider provider) => Provider = provider;

    internal StoreProvider Provider { get; }

    /// <summary>A file of SQLite.</summary>
    /// <param name="path">The file.</param>
    public static KmsDatabase Sqlite(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new KmsDatabase(new SqliteProvider(path));
    }

    /// <summary>A database of PostgreSQL, which must exist; its tables are made by <see cref="KmsStore.CreateAsync"/>.</summary>
    /// <param name="connectionString">As Npgsql reads it. May hold a password: it is never logged and no exception has
    /// it.</param>
    /// <exception cref="ArgumentException">It is not a connection string that names a database.</exception>
    public static KmsDatabase PostgreSql(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlConnectionStringBuilder parsed;
        try
        {
            parsed = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException)
        {
            // The message of the parser may repeat a part of the string.
            throw new ArgumentException("The connection string is malformed.", nameof(connectionString));
        }

        return string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database)
            ? throw new ArgumentException("The connection string names no host or no database.", nameof(connectionString))
            : new KmsDatabase(new PostgreSqlProvider(parsed));
    }

    /// <summary>The type name: a connection string stays out of logs.</summary>
    public override string ToString() => nameof(KmsDatabase);

    internal static string SqliteConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate }.ToString();
}

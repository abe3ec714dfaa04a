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
        return new KmsDatabase(new PostgreSqlProvider(
            Parse(connectionString) ?? throw new ArgumentException(
                "The connection string is malformed, or names no host or no database.", nameof(connectionString))));
    }

    /// <summary>True if <see cref="PostgreSql"/> takes this.</summary>
    public static bool IsPostgreSql(string connectionString) => Parse(connectionString) is not null;

    /// <summary>The type name: a connection string stays out of logs.</summary>
    public override string ToString() => nameof(KmsDatabase);

    internal static string SqliteConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate }.ToString();

    private static NpgsqlConnectionStringBuilder? Parse(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder parsed = new(connectionString);
            return string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database) ? null : parsed;
        }
        catch (Exception fault) when (
            fault is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            // The parser's message may repeat a part of the string.
            return null;
        }
    }
}

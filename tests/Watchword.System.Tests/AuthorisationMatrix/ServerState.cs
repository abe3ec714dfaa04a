using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>A record of the audit log of the KMS, as far as the matrix looks at it.</summary>
/// <param name="Kind">The number of an <c>AuditKind</c>.</param>
/// <param name="CorrelationId">Of the request.</param>
/// <param name="Result">The number of the error.</param>
internal sealed record AuditLine(int Kind, string CorrelationId, int Result);

/// <summary>
/// Everything that a server has stored, read from its database file while it runs: a digest of the rows of each table. Left out
/// are the tables that move by themselves, and the audit log, which is compared record by record.
/// </summary>
internal sealed class ServerState : IDisposable
{
    /// <summary>Heartbeats of the IdM server; the log, and signatures of its end.</summary>
    private static readonly string[] Moving = ["IssuerEvents", "Audit", "AuditCheckpoint"];

    private readonly string _name;
    private readonly SqliteConnection _connection;
    private readonly string[] _tables;

    private ServerState(string name, SqliteConnection connection)
    {
        _name = name;
        _connection = connection;
        _tables =
        [
            .. Query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
                row => row.GetString(0)).Except(Moving),
        ];
    }

    /// <summary>Opens the database file of a server to read.</summary>
    public static ServerState Open(string name, string file)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false,
        }.ConnectionString);
        try
        {
            connection.Open();
            return new ServerState(name, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The tables that are compared.</summary>
    public IReadOnlyList<string> Tables => _tables;

    /// <summary>One line for each table, but for those that are not to count.</summary>
    public IEnumerable<string> Digest(IReadOnlyCollection<string> without)
    {
        using SqliteTransaction snapshot = _connection.BeginTransaction(deferred: true);
        foreach (string table in _tables.Where(table => !without.Contains(table)))
        {
            yield return $"{_name}.{table} {DigestOf(table)}";
        }
    }

    /// <summary>The end of the audit log.</summary>
    public long LastAuditRecord() => Query("SELECT COALESCE(MAX(Sequence), 0) FROM Audit", row => row.GetInt64(0))[0];

    /// <summary>What was written to the audit log after <paramref name="sequence"/>.</summary>
    public IReadOnlyList<AuditLine> AuditAfter(long sequence) => Query(
        string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT Kind, CorrelationId, Result FROM Audit WHERE Sequence > {sequence} ORDER BY Sequence"),
        row => new AuditLine(row.GetInt32(0), row.GetString(1), row.GetInt32(2)));

    /// <summary>The first column of the first row, a number.</summary>
    public long Count(string sql) => Query(sql, row => row.GetInt64(0))[0];

    public void Dispose() => _connection.Dispose();

    private string DigestOf(string table)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int rows = 0;
        foreach (string[] row in Query($"SELECT * FROM \"{table}\" ORDER BY rowid", Values))
        {
            rows++;
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\u001f', row) + "\u001e"));
        }

        return $"{rows} rows {Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}";
    }

    private static string[] Values(SqliteDataReader row) =>
    [
        .. Enumerable.Range(0, row.FieldCount).Select(column => row.GetValue(column) switch
        {
            byte[] octets => Convert.ToHexString(octets),
            object value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
        }),
    ];

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Table names come from the database itself.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        List<T> found = [];
        while (reader.Read())
        {
            found.Add(read(reader));
        }

        return found;
    }
}

using Microsoft.Data.Sqlite;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A consistent copy of a SQLite store while others write to it.</summary>
public static class SqliteSnapshot
{
    /// <summary>Writes the copy, one file without a write-ahead log.</summary>
    /// <param name="databasePath">The store.</param>
    /// <param name="copyPath">The copy, which must not exist.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WriteAsync(string databasePath, string copyPath, CancellationToken cancellationToken = default)
    {
        SqliteConnectionStringBuilder source = new()
        {
            DataSource = databasePath,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        };
        await using SqliteConnection connection = new(source.ToString());
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $copy";
        command.Parameters.AddWithValue("$copy", copyPath);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}

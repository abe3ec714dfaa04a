using Microsoft.Data.Sqlite;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Tests.Support;

/// <summary>A store on SQLite in a directory of its own, which ends with it.</summary>
internal sealed class TemporaryStore : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-kms-").FullName;

    private string DatabasePath => Path.Combine(_directory, "kms.db");

    public Task<KmsStore> OpenAsync(TimeProvider time) =>
        KmsStore.CreateAsync(KmsDatabase.Sqlite(DatabasePath), time, TestContext.Current.CancellationToken);

    /// <summary>From now on the database takes no audit record behind this one.</summary>
    public void RefuseAuditAfter(long sequence)
    {
        using SqliteConnection connection = new($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            $"CREATE TRIGGER Full BEFORE INSERT ON Audit WHEN NEW.Sequence > {sequence} BEGIN SELECT RAISE(ABORT, 'full'); END;";
        command.ExecuteNonQuery();
    }

    /// <summary>Changes the database past the store.</summary>
    public void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Everything that the database has on the disk: the file and its write-ahead log.</summary>
    public byte[] ReadFiles() => [.. Directory.GetFiles(_directory).SelectMany(file =>
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using MemoryStream content = new();
        stream.CopyTo(content);
        return content.ToArray();
    })];

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

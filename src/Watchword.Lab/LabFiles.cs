using System.Text;
using Microsoft.Data.Sqlite;

namespace Watchword.Lab;

/// <summary>The lab's own files: secrets get mode 0600 from the first octet on, directories 0700.</summary>
internal static class LabFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory that only its owner can enter.</summary>
    public static string CreateDirectory(params string[] parts)
    {
        string path = Path.Combine(parts);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFile | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Writes a secret under a temporary name and moves it into place, so that a reader sees all of it or nothing.</summary>
    public static void WriteSecret(string path, string content) => WriteSecret(path, Encoding.UTF8.GetBytes(content));

    /// <summary>The same for octets.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        using (FileStream file = new(temporary, options))
        {
            file.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Copies a server's data directory while the server runs: databases by SQLite's online backup, which sees a consistent state, other
    /// files with their modes.
    /// </summary>
    public static void CopyServerData(string source, string target)
    {
        CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(source))
        {
            string copy = Path.Combine(target, Path.GetFileName(file));
            if (Path.GetExtension(file) == ".db")
            {
                CopyDatabase(file, copy);
            }
            else if (!IsPartOfDatabase(file))
            {
                File.Copy(file, copy);
            }
        }
    }

    private static bool IsPartOfDatabase(string file) =>
        file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-shm", StringComparison.Ordinal)
        || file.EndsWith("-journal", StringComparison.Ordinal);

    private static void CopyDatabase(string source, string target)
    {
        using SqliteConnection from = Open(source, SqliteOpenMode.ReadOnly);
        using SqliteConnection to = Open(target, SqliteOpenMode.ReadWriteCreate);
        from.BackupDatabase(to);

        static SqliteConnection Open(string file, SqliteOpenMode mode)
        {
            SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ConnectionString);
            connection.Open();
            return connection;
        }
    }
}

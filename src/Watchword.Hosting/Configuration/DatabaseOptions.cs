namespace Watchword.Hosting;

/// <summary>The databases that a server can keep its state in.</summary>
public enum DatabaseKind
{
    /// <summary>A file in the data directory, for one node.</summary>
    Sqlite = 0,

    /// <summary>A PostgreSQL, for one node or many where the server allows it.</summary>
    PostgreSql = 1,
}

/// <summary>The section <c>Store</c> of a server as the operator wrote it.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Which database.</summary>
    public DatabaseKind Provider { get; set; }

    /// <summary>How PostgreSQL is reached; this or <see cref="ConnectionStringFile"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>File of mode 0600 with the connection string, because it may hold a password.</summary>
    public string? ConnectionStringFile { get; set; }
}

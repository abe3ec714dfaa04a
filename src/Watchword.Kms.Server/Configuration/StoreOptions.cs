namespace Watchword.Kms.Server.Configuration;

/// <summary>The databases that the KMS can keep its store in.</summary>
public enum StoreProviderKind
{
    /// <summary>A file in the data directory, for one node.</summary>
    Sqlite = 0,

    /// <summary>A PostgreSQL, for one node or many.</summary>
    PostgreSql = 1,
}

/// <summary>The section <c>Kms:Store</c> as the operator wrote it.</summary>
public sealed class StoreOptions
{
    /// <summary>Which database.</summary>
    public StoreProviderKind Provider { get; set; }

    /// <summary>How PostgreSQL is reached; this or <see cref="ConnectionStringFile"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>File of mode 0600 with the connection string, because it may hold a password.</summary>
    public string? ConnectionStringFile { get; set; }
}

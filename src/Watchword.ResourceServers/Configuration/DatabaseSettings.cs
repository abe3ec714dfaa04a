using Watchword.Hosting;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The checked section <c>Services:Store</c>. No fault repeats a part of a connection string.</summary>
internal sealed class DatabaseSettings
{
    private const string Section = "Services:Store";

    private readonly string? _connectionString;
    private readonly string _path;

    public DatabaseSettings(DatabaseOptions options, string dataDirectory, ConfigurationFaults faults)
    {
        _path = Path.Combine(dataDirectory, "services.db");
        if (options.Provider == DatabaseKind.PostgreSql)
        {
            _connectionString = DatabaseConnection.Read(options, Section, ServicesDatabase.IsPostgreSql, faults);
        }
        else if ((options.ConnectionString ?? options.ConnectionStringFile) is not null)
        {
            faults.Add(Section, "has a connection string although Provider is Sqlite", "remove it, or write PostgreSql");
        }
    }

    /// <summary>The database; its tables are made when it is opened.</summary>
    public ServicesDatabase Open() =>
        _connectionString is null ? ServicesDatabase.Sqlite(_path) : ServicesDatabase.PostgreSql(_connectionString);
}

using System.Text;
using Watchword.Hosting;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The checked section <c>Services:Store</c>. No fault repeats a part of a connection string.</summary>
internal sealed class DatabaseSettings
{
    private const int MaxFileOctets = 16 * 1024;
    private const string Section = "Services:Store";
    private const string ConnectionForm = "write Host=...;Database=...;Username=...";

    private readonly string? _connectionString;
    private readonly string _path;

    public DatabaseSettings(DatabaseOptions options, string dataDirectory, ConfigurationFaults faults)
    {
        _path = Path.Combine(dataDirectory, "services.db");
        if (options.Provider == DatabaseKind.PostgreSql)
        {
            _connectionString = ReadConnectionString(options, faults);
        }
        else if ((options.ConnectionString ?? options.ConnectionStringFile) is not null)
        {
            faults.Add(Section, "has a connection string although Provider is Sqlite", "remove it, or write PostgreSql");
        }
    }

    /// <summary>The database; its tables are made when it is opened.</summary>
    public ServicesDatabase Open() =>
        _connectionString is null ? ServicesDatabase.Sqlite(_path) : ServicesDatabase.PostgreSql(_connectionString);

    private static string? ReadConnectionString(DatabaseOptions options, ConfigurationFaults faults)
    {
        if ((options.ConnectionString is null) == (options.ConnectionStringFile is null))
        {
            faults.Add(Section, "has none or both of ConnectionString and ConnectionStringFile", "name one; the file keeps a password");
            return null;
        }

        string? text = options.ConnectionString ?? Read(options.ConnectionStringFile!, faults);
        if (text is null || ServicesDatabase.IsPostgreSql(text))
        {
            return text;
        }

        faults.Add(
            $"{Section}:{(options.ConnectionString is null ? "ConnectionStringFile" : "ConnectionString")}",
            "is malformed, or names no host or no database", ConnectionForm);
        return null;
    }

    private static string? Read(string path, ConfigurationFaults faults)
    {
        const string Option = $"{Section}:ConnectionStringFile";
        HostingRules.CheckSecretFile(path, Option, groupMayRead: false, faults);
        try
        {
            if (new FileInfo(path).Length <= MaxFileOctets)
            {
                return File.ReadAllText(path, Encoding.UTF8).Trim();
            }

            faults.Add(Option, $"names {path}, which is longer than {MaxFileOctets} octets", ConnectionForm);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(Option, $"names {path}, which cannot be read ({fault.GetType().Name})", "check the path and its owner");
        }

        return null;
    }
}

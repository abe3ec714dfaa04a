using System.Text;
using Watchword.Hosting;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked section <c>Kms:Store</c>. No fault repeats a part of a connection string.</summary>
internal sealed class StoreSettings
{
    private const int MaxFileOctets = 16 * 1024;
    private const string Section = "Kms:Store";
    private const string ConnectionForm = "write Host=...;Database=...;Username=...";
    private readonly string? _connectionString;
    private readonly string _path;

    public StoreSettings(StoreOptions options, DataDirectory data, ConfigurationFaults faults)
    {
        _path = data.DatabasePath;
        if (!Enum.IsDefined(options.Provider))
        {
            faults.Add($"{Section}:Provider", "is no database that the KMS knows", "write Sqlite or PostgreSql");
        }
        else if (options.Provider == StoreProviderKind.PostgreSql)
        {
            _connectionString = ReadConnectionString(options, faults);
            IsUsable = _connectionString is not null;
        }
        else if ((options.ConnectionString ?? options.ConnectionStringFile) is not null)
        {
            faults.Add(Section, "has a connection string although Provider is Sqlite", "remove it, or write PostgreSql");
        }
        else
        {
            IsUsable = !data.IsUnnamed;
        }
    }

    /// <summary>True if there is enough to open the database with.</summary>
    public bool IsUsable { get; }

    /// <summary>True if the database is a file of the data directory.</summary>
    public bool IsFile => _connectionString is null;

    /// <summary>What an operator calls it: the file, or the engine.</summary>
    public string Name => _connectionString is null ? _path : "PostgreSQL";

    /// <summary>The database, for one store.</summary>
    public KmsDatabase Database() =>
        _connectionString is null ? KmsDatabase.Sqlite(_path) : KmsDatabase.PostgreSql(_connectionString);

    /// <summary>For the verbs, which have no other settings.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>.</exception>
    public static StoreSettings Check(StoreOptions options, DataDirectory data)
    {
        ConfigurationFaults faults = new();
        StoreSettings settings = new(options, data, faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : settings;
    }

    /// <summary>Reads the section from a configuration.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>.</exception>
    public static StoreOptions Bind(IConfiguration configuration)
    {
        ConfigurationFaults faults = new();
        StoreOptions options = OptionsReader.Read<StoreOptions>(configuration, Section, faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : options;
    }

    private static string? ReadConnectionString(StoreOptions options, ConfigurationFaults faults)
    {
        if ((options.ConnectionString is null) == (options.ConnectionStringFile is null))
        {
            faults.Add(Section, "has none or both of ConnectionString and ConnectionStringFile",
                "name one; the file keeps a password");
            return null;
        }

        string? text = options.ConnectionString ?? Read(options.ConnectionStringFile!, faults);
        if (text is null || KmsDatabase.IsPostgreSql(text))
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
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & HostingRules.ForbiddenModes(path)) != 0)
            {
                faults.Add(Option, $"names {path}, which others can reach", "chmod 600 it");
                return null;
            }

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

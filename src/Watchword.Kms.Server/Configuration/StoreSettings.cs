using Watchword.Hosting;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked section <c>Kms:Store</c>. No fault repeats a part of a connection string.</summary>
internal sealed class StoreSettings
{
    private const string Section = "Kms:Store";
    private readonly string? _connectionString;
    private readonly string _path;

    public StoreSettings(DatabaseOptions options, DataDirectory data, ConfigurationFaults faults)
    {
        _path = data.DatabasePath;
        if (!Enum.IsDefined(options.Provider))
        {
            faults.Add($"{Section}:Provider", "is no database that the KMS knows", "write Sqlite or PostgreSql");
        }
        else if (options.Provider == DatabaseKind.PostgreSql)
        {
            _connectionString = DatabaseConnection.Read(options, Section, KmsDatabase.IsPostgreSql, faults);
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
    public static StoreSettings Check(DatabaseOptions options, DataDirectory data)
    {
        ConfigurationFaults faults = new();
        StoreSettings settings = new(options, data, faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : settings;
    }

    /// <summary>Reads the section from a configuration.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>.</exception>
    public static DatabaseOptions Bind(IConfiguration configuration)
    {
        ConfigurationFaults faults = new();
        DatabaseOptions options = OptionsReader.Read<DatabaseOptions>(configuration, Section, faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : options;
    }
}

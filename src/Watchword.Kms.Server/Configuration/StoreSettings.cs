using System.Text;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked section <c>Kms:Store</c>. No fault repeats a part of a connection string.</summary>
internal sealed class StoreSettings
{
    private const int MaxFileOctets = 16 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string? _connectionString;
    private readonly string _path;

    public StoreSettings(StoreOptions options, DataDirectory data, List<string> faults)
    {
        _path = data.DatabasePath;
        if (options.Provider == StoreProviderKind.Sqlite)
        {
            if ((options.ConnectionString ?? options.ConnectionStringFile) is not null)
            {
                faults.Add("Kms:Store has a connection string but Provider is Sqlite");
            }

            return;
        }

        if (!Enum.IsDefined(options.Provider))
        {
            faults.Add("Kms:Store:Provider is neither Sqlite nor PostgreSql");
            return;
        }

        if ((options.ConnectionString is null) == (options.ConnectionStringFile is null))
        {
            faults.Add("Kms:Store needs ConnectionString or ConnectionStringFile, and not both");
            return;
        }

        _connectionString = options.ConnectionString ?? Read(options.ConnectionStringFile!, faults);
        if (_connectionString is not null && !KmsDatabase.IsPostgreSql(_connectionString))
        {
            faults.Add("Kms:Store: the connection string is malformed, or names no host or no database");
        }
    }

    /// <summary>True if the database is a file of the data directory.</summary>
    public bool IsFile => _connectionString is null;

    /// <summary>The database, for one store.</summary>
    public KmsDatabase Database() =>
        _connectionString is null ? KmsDatabase.Sqlite(_path) : KmsDatabase.PostgreSql(_connectionString);

    /// <summary>For the verbs, which have no other settings.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>.</exception>
    public static StoreSettings Check(StoreOptions options, DataDirectory data)
    {
        List<string> faults = [];
        StoreSettings settings = new(options, data, faults);
        return faults.Count == 0 ? settings : throw new KmsException(KmsError.ConfigurationInvalid, string.Join("; ", faults));
    }

    /// <summary>Reads the section from a configuration.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/>.</exception>
    public static StoreOptions Bind(IConfiguration configuration)
    {
        StoreOptions options = new();
        try
        {
            configuration.GetSection("Kms:Store").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException)
        {
            // The binder's message repeats the value.
            throw new KmsException(KmsError.ConfigurationInvalid, "Kms:Store has an unknown key or Provider");
        }

        return options;
    }

    private static string? Read(string path, List<string> faults)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            {
                faults.Add("Kms:Store:ConnectionStringFile is open to group or others: chmod 600 it");
                return null;
            }

            if (new FileInfo(path).Length <= MaxFileOctets)
            {
                return File.ReadAllText(path, Encoding.UTF8).Trim();
            }

            faults.Add("Kms:Store:ConnectionStringFile is too long");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add($"Kms:Store:ConnectionStringFile cannot be read ({fault.GetType().Name})");
        }

        return null;
    }
}

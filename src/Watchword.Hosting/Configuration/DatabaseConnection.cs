using System.Text;

namespace Watchword.Hosting;

/// <summary>Finds the connection string of a PostgreSQL. No fault repeats a part of it.</summary>
public static class DatabaseConnection
{
    private const int MaxFileOctets = 16 * 1024;
    private const string Form = "write Host=...;Database=...;Username=...";

    /// <summary>The connection string that the options have or name; null, with a fault, if there is none that can be used.</summary>
    /// <param name="options">What the operator wrote.</param>
    /// <param name="section">The name of the section.</param>
    /// <param name="isValid">Whether the database takes a string.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static string? Read(DatabaseOptions options, string section, Func<string, bool> isValid, ConfigurationFaults faults)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(isValid);
        ArgumentNullException.ThrowIfNull(faults);
        if ((options.ConnectionString is null) == (options.ConnectionStringFile is null))
        {
            faults.Add(section, "has none or both of ConnectionString and ConnectionStringFile", "name one; the file keeps a password");
            return null;
        }

        string option = $"{section}:{(options.ConnectionString is null ? "ConnectionStringFile" : "ConnectionString")}";
        string? text = options.ConnectionString ?? ReadFile(options.ConnectionStringFile!, option, faults);
        if (text is null || isValid(text))
        {
            return text;
        }

        faults.Add(option, "is malformed, or names no host or no database", Form);
        return null;
    }

    private static string? ReadFile(string path, string option, ConfigurationFaults faults)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & HostingRules.ForbiddenModes(path)) != 0)
            {
                faults.Add(option, $"names {path}, which others can reach", "chmod 600 it");
                return null;
            }

            if (new FileInfo(path).Length <= MaxFileOctets)
            {
                return File.ReadAllText(path, Encoding.UTF8).Trim();
            }

            faults.Add(option, $"names {path}, which is longer than {MaxFileOctets} octets", Form);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(option, $"names {path}, which cannot be read ({fault.GetType().Name})", "check the path and its owner");
        }

        return null;
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Hosting;

namespace Watchword.Hosting;

/// <summary>Rules that hold for the configuration of every server of ours.</summary>
public static class HostingRules
{
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// What would open another door than the configured one, what no server reads, and what belongs to development.
    /// </summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="sections">The sections that this server reads besides <c>Logging</c>, <c>Lab</c> and
    /// <c>Telemetry</c>.</param>
    /// <param name="faults">Where findings go.</param>
    public static void Check(IConfiguration configuration, IEnumerable<string> sections, ConfigurationFaults faults)
    {
        HashSet<string> known = new(sections, StringComparer.OrdinalIgnoreCase) { "Logging", "Lab", "Telemetry", "AllowedHosts" };
        if (configuration.GetSection("Kestrel").GetChildren().Any())
        {
            faults.Add("Kestrel", "would open listeners beside the configured ones", $"remove it and use {known.First()}:Listen");
        }

        // Only files: the environment and the command line of a process hold the names of others as well.
        foreach (string key in FileKeys(configuration).Where(key => !known.Contains(key) && key != "Kestrel"))
        {
            faults.Add(key, "is no section of this server",
                $"the sections are {string.Join(", ", known.Order(StringComparer.Ordinal))}");
        }

        if (IsDevelopment(configuration) && !IsLab(configuration))
        {
            faults.Add("ASPNETCORE_ENVIRONMENT", "is Development", "leave it out: this is a production start");
        }
    }

    /// <summary>True if the lab runs this server.</summary>
    public static bool IsLab(IConfiguration configuration) =>
        bool.TryParse(configuration["Lab:Enabled"], out bool enabled) && enabled;

    /// <summary>
    /// A file with a secret: it exists, can be read, and nobody but its owner (or, with <paramref name="groupMayRead"/>, its
    /// group) can reach it.
    /// </summary>
    public static void CheckSecretFile(string path, string option, bool groupMayRead, ConfigurationFaults faults)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                UnixFileMode forbidden = ForbiddenModes(path) & ~(groupMayRead ? UnixFileMode.GroupRead : UnixFileMode.None);
                if ((File.GetUnixFileMode(path) & forbidden) != 0)
                {
                    faults.Add(option, $"names {path}, which others can reach", $"chmod {(groupMayRead ? "640" : "600")} it");
                }
            }

            using FileStream stream = File.OpenRead(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(option, $"names {path}, which cannot be read ({fault.GetType().Name})", "check the path and its owner");
        }
    }

    /// <summary>
    /// What the mode of a file with a secret must not have: anything of group or others. Newer systemd lets the service's user
    /// read
    /// a credential by an access control list, whose mask shows as the group's bit; nobody else can enter their directory.
    /// </summary>
    public static UnixFileMode ForbiddenModes(string path) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } directory
        && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))
            ? Others | (Group & ~UnixFileMode.GroupRead)
            : Others | Group;

    /// <summary>Finds out whether an address can be listened on at this moment. Nothing is accepted on it.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="host">An IP address or <c>localhost</c>; any other name is every address.</param>
    /// <param name="port">The port.</param>
    /// <param name="faults">Where findings go.</param>
    public static void CheckPort(string option, string host, int port, ConfigurationFaults faults)
    {
        IPAddress address = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? named) ? named
            : string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.IPv6Any;
        try
        {
            using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException fault)
        {
            faults.Add(option, $"names {address} port {port}, which cannot be listened on ({fault.SocketErrorCode})",
                "stop what listens there, or choose another port or address");
        }
    }

    private static bool IsDevelopment(IConfiguration configuration) => string.Equals(
        configuration["environment"] ?? configuration["ASPNETCORE_ENVIRONMENT"] ?? configuration["DOTNET_ENVIRONMENT"],
        Environments.Development, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> FileKeys(IConfiguration configuration) => configuration is IConfigurationRoot root
        ? root.Providers.OfType<JsonConfigurationProvider>()
            .SelectMany(provider => provider.GetChildKeys([], null)).Distinct(StringComparer.OrdinalIgnoreCase)
        : [];
}

using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Hosting;

/// <summary>Makes the data directory for its owner alone and brings the tables up to date before anything is served.</summary>
internal sealed class DatabaseOpening(ServicesDatabase database, ServicesSettings settings) : IHostedService
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(settings.DataDirectory);
        }
        else if (!Directory.Exists(settings.DataDirectory))
        {
            _ = Directory.CreateDirectory(settings.DataDirectory, OwnerOnly);
        }
        else if ((File.GetUnixFileMode(settings.DataDirectory) & ~OwnerOnly) != 0)
        {
            // Who can enter it can read who is in which group, and holds the sealed keys of signalling.
            throw new ServicesConfigurationException(
                $"Services:DataDirectory names {settings.DataDirectory}, which others can enter: chmod 700 it");
        }

        await database.MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

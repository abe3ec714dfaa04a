using Watchword.Hosting;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Hosting;

/// <summary>Makes the data directory for its owner alone and brings the tables up to date before anything is served.</summary>
internal sealed class DatabaseOpening(ServicesDatabase database, ServicesSettings settings) : IHostedService
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string Mark = "installation";
    private const string Lab = "lab";
    private const string Production = "production";

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
            throw new ServerConfigurationException(
                $"Services:DataDirectory names {settings.DataDirectory}, which others can enter: chmod 700 it");
        }

        await CheckLabAsync(cancellationToken);
        await database.MigrateAsync(cancellationToken);
    }

    /// <summary>What a lab made opens with secrets that anybody may have: nothing but a lab takes it, and a lab takes nothing else.</summary>
    private async Task CheckLabAsync(CancellationToken cancellationToken)
    {
        string mark = Path.Combine(settings.DataDirectory, Mark);
        string ours = settings.IsLab ? Lab : Production;
        if (!File.Exists(mark))
        {
            // Before anything else is made in there.
            await File.WriteAllTextAsync(mark, ours, cancellationToken);
        }
        else if (await File.ReadAllTextAsync(mark, cancellationToken) != ours)
        {
            throw new ServerConfigurationException(settings.IsLab
                ? $"Services:DataDirectory names {settings.DataDirectory}, which is no lab's: name another"
                : $"Services:DataDirectory names {settings.DataDirectory}, which a lab made: name another");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

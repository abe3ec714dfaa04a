using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Hosting;

/// <summary>Makes the data directory for its owner alone and brings the tables up to date before anything is served.</summary>
internal sealed class DatabaseOpening(ServicesDatabase database, ServicesSettings settings) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        settings.Directory.Make();
        return database.MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

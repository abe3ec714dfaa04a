using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Hosting;

/// <summary>Not ready while the database does not answer.</summary>
internal sealed class DatabaseReadiness(ServicesDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using ServicesDbContext open = database.CreateContext();
        return await open.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
    }
}

using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Hosting;

/// <summary>The database answers.</summary>
internal sealed class StoreReadiness(IdmDbContext database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await database.State.AnyAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
        }
        catch (Exception fault) when (fault is DbException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy();
        }
    }
}

/// <summary>There is a key to sign with.</summary>
internal sealed class SigningKeyReadiness(SigningKeyRing ring) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            _ = ring.Active;
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (Exception fault) when (fault is IdmStartException or IOException)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy());
        }
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// Degraded, and ready still, while a server cannot be reached at any of its destinations: the others are served, and a load
/// balancer that took every proxy out would not bring it back.
/// </summary>
internal sealed class DestinationReadiness(ForwardingTable table, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(table.Lanes.Any(lane => lane.IsDown(time.GetUtcNow()))
            ? HealthCheckResult.Degraded()
            : HealthCheckResult.Healthy());
}

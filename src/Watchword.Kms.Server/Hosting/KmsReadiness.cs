using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The domain is open: its master secrets are in memory, and keys can be issued.</summary>
internal sealed class DomainReadiness(KmsState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.IsOpen ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}

/// <summary>The store answers.</summary>
internal sealed class StoreReadiness(KmsState state, KmsMetrics metrics) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await state.Store.GetAuditHeadAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (KmsException)
        {
            metrics.StoreFailed();
            return HealthCheckResult.Unhealthy();
        }
    }
}

/// <summary>The clock is not behind the audit log: nothing is issued while it is.</summary>
internal sealed class ClockReadiness(KmsState state, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // The head before the clock: a record that is written in between is no clock that went back.
            long head = (await state.Store.GetAuditHeadAsync(cancellationToken)).Time.ToUnixTimeMilliseconds();
            return time.GetUtcNow().ToUnixTimeMilliseconds() >= head
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy();
        }
        catch (KmsException)
        {
            return HealthCheckResult.Unhealthy();
        }
    }
}

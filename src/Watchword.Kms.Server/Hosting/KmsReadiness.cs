using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The domains are open: their master secrets are in memory, and keys can be issued.</summary>
internal sealed class DomainReadiness(KmsState state, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Only what another node may do better: a domain whose time is over, or that was revoked, is so on every node.
        DateTimeOffset now = time.GetUtcNow();
        bool opens = state.IsOpen && state.Domains.All(
            domain => domain.Issuer.Domain.Generations.At(now) is not { State: GenerationState.Active, Fault: not null });
        return Task.FromResult(opens ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
    }
}

/// <summary>The store answers.</summary>
internal sealed class StoreReadiness(KmsState state, KmsMetrics metrics) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!state.IsOpen)
        {
            return HealthCheckResult.Unhealthy();
        }

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
        if (!state.IsOpen)
        {
            return HealthCheckResult.Unhealthy();
        }

        try
        {
            // The head before the clock: a record that is written in between is no clock that went back.
            AuditHead head = await state.Store.GetAuditHeadAsync(cancellationToken);
            return time.GetUtcNow().ToUnixTimeMilliseconds() >= (head.Time - state.Store.ClockTolerance).ToUnixTimeMilliseconds()
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy();
        }
        catch (KmsException)
        {
            return HealthCheckResult.Unhealthy();
        }
    }
}

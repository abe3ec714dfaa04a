using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Server.Hosting;

/// <summary>Ready means: a request would be keyed. The domain is open, the store answers, the clock is not behind the audit
/// log.</summary>
internal sealed class KmsReadiness(KmsState state, TimeProvider time) : IHealthCheck
{
    public const string Tag = "ready";

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!state.IsOpen)
        {
            return HealthCheckResult.Unhealthy();
        }

        try
        {
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

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Watchword.Hosting;

/// <summary>Ready only while clients can accept the TLS certificate.</summary>
internal sealed class CertificateReadiness(ReloadingCertificate certificates, TimeProvider time) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(certificates.Current.JudgeTime(time.GetUtcNow()) == TlsFault.None
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy());
}

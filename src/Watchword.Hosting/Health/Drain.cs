using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Watchword.Hosting;

/// <summary>
/// Between the order to stop and the end of listening: readiness says no, requests are still served, and load balancers get the
/// time to look elsewhere. After that Kestrel closes its listeners and waits for the requests in flight.
/// </summary>
public sealed class Drain(TimeSpan duration, TimeProvider time, ILogger<Drain> log) : IHostedLifecycleService, IHealthCheck
{
    /// <summary>How long requests in flight may take after the listeners are closed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private volatile bool _draining;

    /// <summary>True once the server was told to stop.</summary>
    public bool IsDraining => _draining;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_draining ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        if (duration <= TimeSpan.Zero)
        {
            return;
        }

        log.Draining(duration.TotalSeconds);
        try
        {
            await Task.Delay(duration, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's own limit for stopping is reached: no more waiting.
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Hosting;

/// <summary>Once an hour: removes tokens, grants and assertions that can no longer matter.</summary>
internal sealed class Maintenance(IServiceScopeFactory scopes, TimeProvider time, ILogger<Maintenance> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>A redeemed token is kept this long: it is by its row that reuse is seen.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Not a periodic timer: when a clock is moved by a year, the work is done once, not nine thousand times.
                await Task.Delay(Period, time, stoppingToken);
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The server stops, or never came up: nothing has failed.
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                Log.MaintenanceFailed(logger, fault);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        DateTimeOffset now = time.GetUtcNow();
        long tokens = await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(now - Memory, cancellation);
        long authorizations = await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>()
            .PruneAsync(now - Memory, cancellation);
        int assertions = await scope.ServiceProvider.GetRequiredService<IdmDbContext>().UsedAssertions
            .Where(assertion => assertion.ExpiresAt < now).ExecuteDeleteAsync(cancellation);
        assertions += await scope.ServiceProvider.GetRequiredService<IdmDbContext>().RedeemedSecurityTokens
            .Where(token => token.ExpiresAt < now).ExecuteDeleteAsync(cancellation);
        int events = await scope.ServiceProvider.GetRequiredService<EventStreams>().PruneAsync(cancellation);
        Log.Maintained(logger, tokens, authorizations, assertions);
        Log.EventsPruned(logger, events);
    }
}

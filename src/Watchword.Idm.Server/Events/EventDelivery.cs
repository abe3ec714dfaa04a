using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.Events;

/// <summary>
/// Runs one <see cref="EventPump"/> for each resource server that takes events. The order is kept by one pump in this process;
/// were there two processes on one database, the receiver would still take each number once and in order, and tell both where it
/// is.
/// </summary>
internal sealed class EventDelivery(
    IOptions<IdmOptions> options, IServiceScopeFactory scopes, SecurityEventTokens tokens, EventSignal signal, EventProgress progress,
    TimeProvider time, IHostApplicationLifetime lifetime, ILogger<EventDelivery> logger) : BackgroundService, IHostedLifecycleService
{
    /// <summary>After the database was brought to this version, before the first request can change an account.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<EventStreams>().ReconcileAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The issuer may be known, and its keys can be fetched, only when the server listens.
        TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration started = lifetime.ApplicationStarted.Register(listening.SetResult);
        try
        {
            await listening.Task.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        EventPump[] pumps =
        [
            .. options.Value.ResourceServers.Where(server => server.Events is not null).Select(server => new EventPump(
                server.Audience, server.Events!, scopes, tokens, signal, progress, time, logger)),
        ];
        try
        {
            await Task.WhenAll(pumps.Select(pump => pump.RunAsync(stoppingToken)));
        }
        finally
        {
            foreach (EventPump pump in pumps)
            {
                pump.Dispose();
            }
        }
    }
}

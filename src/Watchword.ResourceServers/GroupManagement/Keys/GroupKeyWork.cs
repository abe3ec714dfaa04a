using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>Follows changes of groups, and time: keys that get old, keys that retire, keys of groups that failed before.</summary>
internal sealed class GroupKeyWork(GroupKeys keys, XcapChangeSignal signal, TimeProvider time, ILogger<GroupKeyWork> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _forgetAt = DateTimeOffset.MinValue;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Before looking: a change in between wakes at once.
            Task next = signal.Next;
            await RunAsync(stoppingToken);
            await Task.WhenAny(next, Task.Delay(Interval, time, stoppingToken));
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await keys.RunOnceAsync(cancellationToken);
            if (time.GetUtcNow() >= _forgetAt)
            {
                _ = await keys.ForgetAsync(cancellationToken);
                _forgetAt = time.GetUtcNow() + ForgetInterval;
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The next round does it.
            log.GroupWorkFailed(fault);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}

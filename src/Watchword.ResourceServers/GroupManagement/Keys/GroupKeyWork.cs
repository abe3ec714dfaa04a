using Watchword.ResourceServers.GroupManagement.Observability;
using Watchword.ResourceServers.Work;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>Follows changes of groups, and time: keys that get old, keys that retire, keys of groups that failed before.</summary>
internal sealed class GroupKeyWork(GroupKeys keys, XcapChangeSignal signal, TimeProvider time, ILogger<GroupKeyWork> log)
    : DueWork(signal, TimeSpan.FromSeconds(30))
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _forgetAt = DateTimeOffset.MinValue;

    /// <inheritdoc/>
    protected override TimeProvider Clock => time;

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> WorkAsync(CancellationToken cancellationToken)
    {
        _ = await keys.RunOnceAsync(cancellationToken);
        if (time.GetUtcNow() >= _forgetAt)
        {
            _ = await keys.ForgetAsync(cancellationToken);
            _forgetAt = time.GetUtcNow() + ForgetInterval;
        }

        return null;
    }

    /// <inheritdoc/>
    protected override void Halted(Exception fault) => log.GroupWorkFailed(fault);
}

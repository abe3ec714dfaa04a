using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Watchword.Hosting;

/// <summary>
/// Tells systemd that the process lives, at half the interval of <c>WatchdogSec</c>. The timer runs on the same threads as
/// requests:
/// a process that cannot serve for want of threads falls silent and is started anew.
/// </summary>
internal sealed class SystemdWatchdog(ISystemdNotifier notifier, TimeProvider time) : IHostedService, IDisposable
{
    private ITimer? _timer;
    private int _telling;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        string? interval = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        if (notifier.IsEnabled && long.TryParse(interval, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds > 0)
        {
            TimeSpan half = TimeSpan.FromMicroseconds(microseconds / 2);
            _timer = time.CreateTimer(_ => Tell(), null, half, half);
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// One at a time: while the manager does not read, a send waits, and each further one would take another thread until none is left.
    /// </summary>
    private void Tell()
    {
        if (Interlocked.Exchange(ref _telling, 1) != 0)
        {
            return;
        }

        try
        {
            notifier.Notify(new ServiceState("WATCHDOG=1"));
        }
        finally
        {
            Volatile.Write(ref _telling, 0);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();
}

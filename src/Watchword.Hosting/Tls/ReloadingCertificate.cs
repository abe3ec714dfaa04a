using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Watchword.Hosting;

/// <summary>
/// The certificate of a running server. The files are read again every few seconds and on SIGHUP; a new pair that belongs
/// together
/// and is in force replaces the old one at once, for the next handshake. Anything else leaves the old one in place: half-written
/// files, a certificate without its key, one that is expired. Connections that stand are not touched.
/// </summary>
public sealed class ReloadingCertificate : IHostedService, IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ReloadingCertificate> _log;
    private readonly ServerMetrics _metrics;
    private readonly Lock _gate = new();
    private ServerCertificate _current;
    private (TlsFault Fault, byte[] Mark) _refused = (TlsFault.None, []);
    private DateTimeOffset _nextWarning = DateTimeOffset.MinValue;
    private ITimer? _timer;
    private PosixSignalRegistration? _signal;

    /// <summary>Begins with a certificate that was read and checked.</summary>
    public ReloadingCertificate(
        TlsOptions options, ServerCertificate first, TimeProvider time, ServerMetrics metrics, ILogger<ReloadingCertificate> log)
    {
        _options = options;
        _current = first;
        _time = time;
        _metrics = metrics;
        _log = log;
        metrics.ObserveCertificate(() => Current.NotAfter - time.GetUtcNow());
    }

    /// <summary>What the next handshake shows.</summary>
    public ServerCertificate Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Not a periodic timer: when a clock is moved by a year, the files are read once, not three million times.
        _timer = _time.CreateTimer(_ => Poll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Period, Timeout.InfiniteTimeSpan);
        if (!OperatingSystem.IsWindows())
        {
            // Without a handler the signal would end the process.
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                Reload();
            });
        }

        WarnOfExpiry();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _signal?.Dispose();
    }

    /// <summary>Looks at the files now.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            ServerCertificate? read = ServerCertificate.Read(_options, Current.Mark, out TlsFault fault, out byte[] mark);
            if (read is not null)
            {
                fault = read.JudgeTime(_time.GetUtcNow());
            }

            if (fault != TlsFault.None)
            {
                Refuse(fault, mark);
            }
            else
            {
                _refused = (TlsFault.None, []);
                if (read is not null)
                {
                    Take(read);
                }
            }

            WarnOfExpiry();
        }
    }

    private TimeSpan Period => TimeSpan.FromSeconds(_options.PollSeconds);

    private void Poll()
    {
        Reload();
        _timer?.Change(Period, Timeout.InfiniteTimeSpan);
    }

    private void Take(ServerCertificate read)
    {
        // The old one is not disposed of: handshakes that have begun still use its key.
        Volatile.Write(ref _current, read);
        _nextWarning = DateTimeOffset.MinValue;
        _metrics.CertificateRead(TlsFault.None);
        _log.CertificateTaken(read.NotAfter);
    }

    /// <summary>Told once for each thing that is wrong, not once for each look at it.</summary>
    private void Refuse(TlsFault fault, byte[] mark)
    {
        if (fault != _refused.Fault || !mark.AsSpan().SequenceEqual(_refused.Mark))
        {
            _refused = (fault, mark);
            _metrics.CertificateRead(fault);
            _log.CertificateRefused(fault, Current.NotAfter);
        }
    }

    private void WarnOfExpiry()
    {
        DateTimeOffset now = _time.GetUtcNow();
        TimeSpan left = Current.NotAfter - now;
        if (left < TimeSpan.FromDays(_options.ExpiryWarningDays) && now >= _nextWarning)
        {
            _nextWarning = now + Day;
            _log.CertificateExpires(Math.Floor(left.TotalDays), Current.NotAfter);
        }
    }
}

using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Observability;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// The certificate that the proxy shows to servers. Its files are read again every few seconds; a new pair that is in force
/// replaces the old one for the next connection, anything else leaves the old one in place.
/// </summary>
internal sealed class ProxyClientCertificate(ProxySettings settings, TimeProvider time, ILogger<ProxyClientCertificate> log)
    : BackgroundService
{
    private ServerCertificate? _current = settings.ClientCertificate;
    private TlsFault _told;

    /// <summary>What the next connection shows; null for nothing.</summary>
    public ServerCertificate? Current => Volatile.Read(ref _current);

    /// <summary>Looks at the files now.</summary>
    public void Reload()
    {
        if (settings.ClientTls is not { } files || Current is not { } current)
        {
            return;
        }

        ServerCertificate? read = ServerCertificate.Read(files, out TlsFault fault);
        if (read is not null)
        {
            fault = read.JudgeTime(time.GetUtcNow());
        }

        if (fault != TlsFault.None || !ClientCertificateCheck.IsForClients(read!.Leaf))
        {
            // Told once for each kind of fault, not at every look.
            if (_told != fault)
            {
                _told = fault;
                log.ClientCertificateRefused(fault.ToString(), current.NotAfter);
            }

            return;
        }

        _told = TlsFault.None;
        if (!read.Leaf.RawDataMemory.Span.SequenceEqual(current.Leaf.RawDataMemory.Span))
        {
            Volatile.Write(ref _current, read);
            log.ClientCertificateTaken(read.NotAfter);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.ClientTls is not { } files)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(files.PollSeconds), time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Reload();
        }
    }
}

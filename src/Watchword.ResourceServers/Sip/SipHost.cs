using System.Net.Security;
using Watchword.Sip;

namespace Watchword.ResourceServers.Sip;

/// <summary>The one SIP stack of this process: requests go to the roles by method and event package.</summary>
internal sealed class SipHost : IHostedService, IAsyncDisposable
{
    private readonly SipStack _stack;
    private readonly SipSettings _settings;

    /// <param name="settings">Where and with whom.</param>
    /// <param name="routes">What the roles serve.</param>
    /// <param name="certificate">The server's certificate, for TLS either way; null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Faults; nothing of a message.</param>
    public SipHost(
        SipSettings settings, IEnumerable<SipRouteSource> routes, Func<SslStreamCertificateContext>? certificate,
            TimeProvider time, ILogger<SipHost> log)
    {
        _settings = settings;
        SipRoute[] all = [.. routes.SelectMany(source => source())];
        _stack = new SipStack(new SipStackOptions
        {
            Listeners = settings.Listeners,
            Peers = settings.Peers,
            DropStrangersOnUdp = settings.DropStrangersOnUdp,
            SentByHost = settings.Host,
            Tls = certificate is null ? null : new SipTlsOptions
            {
                ServerCertificate = certificate,
                ClientCertificate = certificate,
            },
            EventPackages = [.. all.Select(route => route.EventPackage).OfType<string>().Distinct()],
            TimeProvider = time,
            Logger = log,
        });
        foreach (IGrouping<string, SipRoute> method in all.GroupBy(route => route.Method))
        {
            SipRoute[] mine = [.. method];
            _stack.Map(method.Key, (request, cancellation) => DispatchAsync(mine, request, cancellation));
        }
    }

    /// <summary>Where it listens, with the ports that it got.</summary>
    public IReadOnlyList<SipListener> Listeners => _stack.Listeners;

    /// <summary>Whether requests can be sent: the SIP core is named.</summary>
    public bool HasCore => _settings.Core is not null;

    /// <summary>Sends a request through the SIP core and waits for its final response.</summary>
    /// <exception cref="SipSendException">None came.</exception>
    /// <exception cref="InvalidOperationException">No core is named.</exception>
    public Task<SipResponse> SendToCoreAsync(SipRequest request, CancellationToken cancellationToken) => _stack.SendAsync(
        request, _settings.Core ?? throw new InvalidOperationException("No SIP core is named."), cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _stack.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _stack.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private static Task<SipResponse> DispatchAsync(SipRoute[] routes, SipServerRequest request, CancellationToken cancellation)
    {
        string? package = request.Request.Headers.Event?.Value;
        SipRoute? route = Array.Find(
            routes,
            candidate => candidate.EventPackage is null
                || string.Equals(candidate.EventPackage, package, StringComparison.OrdinalIgnoreCase));
        if (route is not null)
        {
            return route.Handler(request, cancellation);
        }

        // RFC 6665 §8.3.2, RFC 3903 §6.
        SipResponse refused = request.CreateResponse(489);
        refused.Headers.Add(SipHeaderNames.AllowEvents, string.Join(", ", routes.Select(known => known.EventPackage)));
        return Task.FromResult(refused);
    }
}

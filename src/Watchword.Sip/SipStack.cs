using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Watchword.Sip;

/// <summary>
/// A user agent of SIP: listens, hands requests of peers to handlers by method, and sends requests (RFC 3261 §8). Map handlers,
/// then start. The owner disposes it.
/// </summary>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "What the field calls it.")]
public sealed class SipStack : IAsyncDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Watchword.Sip";

    private readonly SipStackOptions _options;
    private readonly Dictionary<string, SipRequestHandler> _handlers = new(StringComparer.Ordinal);
    private readonly SipMetrics _metrics;
    private readonly SipPeerStates _states;
    private readonly SipServerTransactions _servers;
    private readonly SipSender _sender;
    private readonly List<SipUdpSocket> _sockets = [];
    private readonly List<SipStreamListener> _listeners = [];
    private SipDispatcher? _dispatcher;
    private int _disposed;

    /// <summary>A stack that does nothing yet.</summary>
    /// <exception cref="ArgumentException">A listener uses TLS and there is no certificate for it.</exception>
    public SipStack(SipStackOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Listeners.Any(l => l.Transport == SipTransport.Tls) && options.Tls?.ServerCertificate is null)
        {
            throw new ArgumentException("A listener for TLS needs a certificate.", nameof(options));
        }

        _options = options;
        _metrics = new(this);
        _states = new(options);
        _servers = new(options, _states, _metrics);
        Clients = new(options, _metrics);
        _sender = new(options, Clients, ReceiveAsync, _metrics);
    }

    /// <summary>Where the stack listens, with the ports that it got; empty before it is started.</summary>
    public IReadOnlyList<SipListener> Listeners =>
        [.. _sockets.Select(s => new SipListener(SipTransport.Udp, s.Local)),
            .. _listeners.Select(l => new SipListener(l.Transport, l.Local))];

    private SipClientTransactions Clients { get; }

    /// <summary>
    /// Names the handler of a method. INVITE, ACK and CANCEL have none: INVITE gets 405. OPTIONS is answered by the stack unless
    /// it is mapped.
    /// </summary>
    /// <exception cref="InvalidOperationException">The stack was started, or the method has a handler.</exception>
    public SipStack Map(string method, SipRequestHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (_dispatcher is not null || !SipChars.IsToken(method)
            || method is SipMethods.Invite or SipMethods.Ack or SipMethods.Cancel
            || !_handlers.TryAdd(method, handler))
        {
            throw new InvalidOperationException("A handler is mapped once, before the start, and for no method of calls.");
        }

        return this;
    }

    /// <summary>Opens the listeners and begins to serve.</summary>
    /// <exception cref="SocketException">An end point cannot be had; the stack listens nowhere then.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_dispatcher is not null)
        {
            throw new InvalidOperationException("The stack was started already.");
        }

        _dispatcher = new(_options, _handlers.ToFrozenDictionary(StringComparer.Ordinal), _states, _servers, Clients, _metrics);
        try
        {
            Open();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        cancellationToken.ThrowIfCancellationRequested();
        _sockets.ForEach(s => s.Start());
        _listeners.ForEach(l => l.Start());
        foreach (SipListener listener in Listeners)
        {
            _options.Logger.Listening(listener.Transport, listener.EndPoint);
        }
    }

    /// <summary>
    /// Sends a request and waits for its final response. The request is not changed: the copy that is sent has a Via of its own.
    /// Who sends it again gives it a new CSeq first, or a server may take it for a loop (482).
    /// </summary>
    /// <param name="request">A request with From, To, Call-ID and CSeq, such as <see cref="SipRequest.Create"/> makes.</param>
    /// <param name="destination">Where to; Route is not looked at.</param>
    /// <param name="cancellationToken">Ends the waiting; the request may have arrived all the same.</param>
    /// <returns>The final response, whatever its code.</returns>
    /// <exception cref="SipSendException">No final response came.</exception>
    /// <exception cref="ArgumentException">The request lacks one of these fields, or is an INVITE, ACK or CANCEL.</exception>
    public Task<SipResponse> SendAsync(
        SipRequest request, SipDestination destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(destination);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _sender.SendAsync(request, destination, cancellationToken);
    }

    /// <summary>
    /// Accepts nothing new and waits for the handlers at work until <paramref name="cancellationToken"/> is cancelled; then
    /// cancels them.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        foreach (SipUdpSocket socket in _sockets)
        {
            await socket.StopReceivingAsync();
        }

        foreach (SipStreamListener listener in _listeners)
        {
            await listener.StopAcceptingAsync();
        }

        if (_dispatcher is not null)
        {
            await _dispatcher.StopAsync(cancellationToken);
        }
    }

    /// <summary>Ends everything: listeners, connections, handlers, requests that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await StopAsync(new CancellationToken(canceled: true));
        foreach (SipStreamListener listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        await _sender.DisposeAsync();
        foreach (SipUdpSocket socket in _sockets)
        {
            await socket.DisposeAsync();
        }

        // Nothing is received any more, so the handlers that are left end by their token.
        _servers.Dispose();
        if (_dispatcher is not null)
        {
            await _dispatcher.DisposeAsync();
        }

        _metrics.Dispose();
    }

    private void Open()
    {
        SipConnectionCount count = new(_options.TransportLimits.MaxConnections);
        foreach (SipListener listener in _options.Listeners)
        {
            if (listener.Transport == SipTransport.Udp)
            {
                _sockets.Add(new(listener.EndPoint, _options, ReceiveAsync, _metrics));
            }
            else
            {
                _listeners.Add(new(listener, _options, _states, ReceiveAsync, _metrics, count));
            }
        }

        _sender.Use(_sockets, _listeners);
    }

    private Task ReceiveAsync(SipReceived received) =>
        _dispatcher is null ? ReceiveResponse(received) : _dispatcher.ReceiveAsync(received);

    /// <summary>A stack that was never started sends requests all the same.</summary>
    private Task ReceiveResponse(SipReceived received)
    {
        if (received.Reading is { Message: SipResponse response, Fault: SipFormatFault.None })
        {
            Clients.Receive(response);
        }

        return Task.CompletedTask;
    }
}

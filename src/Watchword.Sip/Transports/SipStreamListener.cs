using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip;

/// <summary>Accepts connections of TCP or TLS within bounds, each counted to its peer.</summary>
[SuppressMessage("Usage", "CA2213:Disposable fields should be disposed",
    Justification = "Handshakes may still wait for it; it holds no handle.")]
[SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope",
    Justification = "The set of running connections disposes them.")]
[SuppressMessage("Reliability", "CA2025:Ensure tasks complete before instances are disposed",
    Justification = "The task owns the socket.")]
internal sealed class SipStreamListener : IAsyncDisposable
{
    private readonly SipTransport _transport;
    private readonly SipStackOptions _options;
    private readonly SipPeerStates _states;
    private readonly SipReceiver _receiver;
    private readonly SipMetrics _metrics;
    private readonly SipConnectionCount _count;
    private readonly Socket _socket;
    private readonly SemaphoreSlim _handshakes;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskSet _running = new();
    private Task _loop = Task.CompletedTask;

    public SipStreamListener(
        SipListener listener, SipStackOptions options, SipPeerStates states, SipReceiver receiver,
        SipMetrics metrics, SipConnectionCount count)
    {
        _transport = listener.Transport;
        _options = options;
        _states = states;
        _receiver = receiver;
        _metrics = metrics;
        _count = count;
        _handshakes = new(options.TransportLimits.MaxHandshakes);
        _socket = new Socket(listener.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(listener.EndPoint);
            _socket.Listen(512);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }

        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public SipTransport Transport => _transport;

    public IPEndPoint Local { get; }

    public void Start() => _loop = AcceptAsync();

    public async ValueTask StopAcceptingAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
    }

    /// <summary>Ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAcceptingAsync();
        await _running.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_stop.Token);
                if (_count.TryAdd())
                {
                    _running.Add(ServeAsync(socket));
                }
                else
                {
                    _metrics.ConnectionClosed("too_many");
                    socket.Dispose();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                // Out of descriptors, above all: wait, or this loop takes the processor.
                _options.Logger.ReceiveFault(_transport, e.SocketErrorCode);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            using (socket)
            {
                socket.NoDelay = true;
                await ServeConnectionAsync(socket);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException
            or ObjectDisposedException)
        {
            _metrics.ConnectionClosed("handshake");
        }
        finally
        {
            _count.Remove();
        }
    }

    private async Task ServeConnectionAsync(Socket socket)
    {
        IPEndPoint remote = (IPEndPoint)socket.RemoteEndPoint!;
        IPEndPoint local = (IPEndPoint)socket.LocalEndPoint!;
        await using NetworkStream network = new(socket, ownsSocket: true);
        if (_transport == SipTransport.Tcp)
        {
            await RunAsync(network, remote, local, _options.Peers.Find(remote.Address));
            return;
        }

        SslStream tls;
        using CancellationTokenSource slow = new(_options.TransportLimits.ConnectTimeout, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, _stop.Token);
        await _handshakes.WaitAsync(either.Token);
        try
        {
            tls = await SipTls.AcceptAsync(network, _options.Tls!, either.Token);
        }
        finally
        {
            _handshakes.Release();
        }

        await using (tls)
        {
            await RunAsync(tls, remote, local,
                _options.Peers.Find(tls.RemoteCertificate as X509Certificate2, _options.TimeProvider.GetUtcNow()));
        }
    }

    private async Task RunAsync(Stream stream, IPEndPoint remote, IPEndPoint local, SipPeer? peer)
    {
        SipPeerState state = _states.Of(peer);
        if (!state.TryAddConnection())
        {
            _metrics.ConnectionClosed("too_many");
            return;
        }

        try
        {
            SipConnection connection = new(stream, _transport, remote, local, peer, _options, _metrics);
            await _running.RunAsync(connection, () => connection.RunAsync(_receiver));
        }
        finally
        {
            state.RemoveConnection();
        }
    }
}

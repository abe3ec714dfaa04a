using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Watchword.Sip;

/// <summary>One UDP socket: receives datagrams and sends them (RFC 3261 §18).</summary>
[SuppressMessage("Usage", "CA2213:Disposable fields should be disposed",
    Justification = "Waits for it may still end; it holds no handle.")]
internal sealed class SipUdpSocket : IAsyncDisposable
{
    private const int Largest = 65_535;
    private const int DefaultPort = 5060;

    private readonly Socket _socket;
    private readonly SipStackOptions _options;
    private readonly SipReceiver _receiver;
    private readonly SipMetrics _metrics;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public SipUdpSocket(IPEndPoint endPoint, SipStackOptions options, SipReceiver receiver, SipMetrics metrics)
    {
        _socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.Bind(endPoint);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }

        _options = options;
        _receiver = receiver;
        _metrics = metrics;
        _slots = new(options.TransportLimits.MaxOutstandingUdp);
        Local = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint Local { get; }

    public void Start() => _loop = ReceiveAsync();

    public SipFlow FlowTo(IPEndPoint remote) => new Flow(this, remote);

    public async ValueTask StopReceivingAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        await StopReceivingAsync();
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(Largest);
        IPEndPoint any = new(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                Take(buffer.AsSpan(0, got.ReceivedBytes), (IPEndPoint)got.RemoteEndPoint);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.NotSocket))
            {
                // An ICMP message for something sent earlier, or a lack of buffers: the socket lives on.
                _options.Logger.ReceiveFault(SipTransport.Udp, e.SocketErrorCode);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> datagram, IPEndPoint remote)
    {
        // RFC 3261 §7.5: line breaks before a message count for nothing; alone they keep bindings in routers alive.
        ReadOnlySpan<byte> message = datagram.TrimStart("\r\n"u8);
        if (message.IsEmpty)
        {
            return;
        }

        if (!_slots.Wait(0, CancellationToken.None))
        {
            _metrics.Refused("outstanding", SipTransport.Udp);
            return;
        }

        SipReading reading = SipMessageReader.Read(message, _options.Limits, SipFraming.Datagram);
        Flow flow = new(this, remote);
        flow.Recognise(_options.Peers);
        _ = DispatchAsync(new(reading, flow));
    }

    private async Task DispatchAsync(SipReceived received)
    {
        try
        {
            await _receiver(received);
        }
        finally
        {
            _slots.Release();
        }
    }

    private sealed class Flow(SipUdpSocket socket, IPEndPoint remote) : SipFlow(SipTransport.Udp, remote, socket.Local)
    {
        public void Recognise(SipPeers peers) => Peer = peers.Find(Remote.Address);

        public override async Task SendAsync(ReadOnlyMemory<byte> message)
        {
            try
            {
                await socket._socket.SendToAsync(message, SocketFlags.None, Remote);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                throw new IOException("The datagram could not be sent.", e);
            }
        }

        /// <summary>
        /// To where the request came from; the port is that of Via unless <c>rport</c> asks for the one of the datagram. maddr is
        /// not obeyed.
        /// </summary>
        public override SipFlow ForResponse(SipVia via) =>
            via.HasRport ? this : new Flow(socket, new IPEndPoint(Remote.Address, via.Port ?? DefaultPort)) { Peer = Peer };
    }
}

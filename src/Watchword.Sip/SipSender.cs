using System.Net;
using System.Net.Sockets;

namespace Watchword.Sip;

/// <summary>Chooses the way of a request, gives it its Via and runs its transaction (RFC 3261 §8.1.2, §18.1.1).</summary>
internal sealed class SipSender(SipStackOptions options, SipClientTransactions clients, SipReceiver receiver, SipMetrics metrics)
    : IAsyncDisposable
{
    // What Via may add to a request, when it is measured against the size of a datagram.
    private const int ViaRoom = 128;
    private const int LargestDatagram = 65_000;

    private readonly SipConnectionPool _pool = new(options, receiver, metrics);
    private readonly Lock _lock = new();
    private readonly List<SipUdpSocket> _own = [];
    private IReadOnlyList<SipUdpSocket> _sockets = [];
    private IReadOnlyList<SipStreamListener> _listeners = [];

    /// <summary>Names what the stack listens on: requests leave by those sockets, and Via names those ports.</summary>
    public void Use(IReadOnlyList<SipUdpSocket> sockets, IReadOnlyList<SipStreamListener> listeners)
    {
        _sockets = sockets;
        _listeners = listeners;
    }

    public async Task<SipResponse> SendAsync(SipRequest request, SipDestination destination, CancellationToken cancellationToken)
    {
        Check(request);
        try
        {
            SipResponse response = await RouteAsync(request, destination, cancellationToken);
            metrics.Sent(request, response.StatusCode);
            return response;
        }
        catch (SipSendException e)
        {
            metrics.SendFault(request, e.Fault);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        foreach (SipUdpSocket socket in _own)
        {
            await socket.DisposeAsync();
        }
    }

    private static void Check(SipRequest request)
    {
        SipHeaders headers = request.Headers;
        if (request.Method is SipMethods.Invite or SipMethods.Ack or SipMethods.Cancel || headers.From?.Tag is null
            || headers.To is null
            || headers.CallId is null || headers.CSeq?.Method != request.Method || headers.Contains(SipHeaderNames.Via))
        {
            throw new ArgumentException(
                "A request is sent with From and its tag, To, Call-ID and CSeq, without Via, and begins no call.",
                nameof(request));
        }
    }

    private async Task<SipResponse> RouteAsync(
        SipRequest request, SipDestination destination, CancellationToken cancellationToken)
    {
        if (destination.Transport != SipTransport.Udp)
        {
            return await SendByStreamAsync(request, destination, cancellationToken);
        }

        int size = request.ToArray().Length + ViaRoom;
        if (size > options.TransportLimits.MaxDatagramRequest)
        {
            try
            {
                return await SendByStreamAsync(request, destination with { Transport = SipTransport.Tcp }, cancellationToken);
            }
            catch (SipSendException e) when (e.NothingWasSent && size <= LargestDatagram)
            {
                // §18.1.1: where nobody listens on TCP, UDP is tried, whatever the size.
            }
        }

        return await SendByUdpAsync(request, destination, cancellationToken);
    }

    private async Task<SipResponse> SendByStreamAsync(
        SipRequest request, SipDestination destination, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            (SipConnection connection, bool reused) = await _pool.GetAsync(destination, cancellationToken);
            try
            {
                return await clients.RunAsync(WithVia(request, connection), connection, cancellationToken);
            }
            catch (SipSendException e) when (reused && !again && e.Fault == SipSendFault.Transport)
            {
                // The other side had closed a connection that stood idle, or restarts: once more, on a new one. A request that
                // did arrive has another branch and the same CSeq then, which §8.2.2.2 finds.
            }
        }
    }

    private async Task<SipResponse> SendByUdpAsync(
        SipRequest request, SipDestination destination, CancellationToken cancellationToken)
    {
        SipFlow flow;
        try
        {
            IPAddress[] addresses = await SipAddresses.ResolveAsync(destination.Host, cancellationToken);
            flow = Socket(addresses[0].AddressFamily).FlowTo(new IPEndPoint(addresses[0], destination.Port));
        }
        catch (SocketException e)
        {
            throw new SipSendException(SipSendFault.Transport, e);
        }

        return await clients.RunAsync(WithVia(request, flow), flow, cancellationToken);
    }

    private SipUdpSocket Socket(AddressFamily family)
    {
        if (_sockets.FirstOrDefault(s => s.Local.AddressFamily == family) is { } listening)
        {
            return listening;
        }

        lock (_lock)
        {
            SipUdpSocket? own = _own.Find(s => s.Local.AddressFamily == family);
            if (own is null)
            {
                IPAddress any = family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
                own = new(new IPEndPoint(any, 0), options, receiver, metrics);
                own.Start();
                _own.Add(own);
            }

            return own;
        }
    }

    /// <summary>
    /// Via with a new branch; on UDP it asks for <c>rport</c>. sent-by names where the stack listens, for the response to find
    /// it.
    /// </summary>
    private SipRequest WithVia(SipRequest request, SipFlow flow)
    {
        IPEndPoint? listener = flow.Transport == SipTransport.Udp
            ? flow.Local
            : _listeners.FirstOrDefault(l => l.Transport == flow.Transport
                && l.Local.AddressFamily == flow.Local.AddressFamily)?.Local;
        IPAddress address = flow.Local.Address;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            address = LocalAddressTo(flow.Remote);
        }

        SipParameters parameters = SipParameters.Empty.With("branch", SipTokens.Branch());
        SipVia via = new(
            flow.Transport.ToString().ToUpperInvariant(), options.SentByHost ?? SipHost.Write(address),
            (listener ?? flow.Local).Port,
            flow.IsReliable ? parameters : parameters.With("rport", null));
        SipRequest copy = request.Copy();
        copy.Headers.AddFirst(SipHeaderNames.Via, via.ToString());
        if (!copy.Headers.Contains(SipHeaderNames.MaxForwards))
        {
            copy.Headers.Add(SipHeaderNames.MaxForwards, "70");
        }

        return copy;
    }

    /// <summary>The address that the system would send from; nothing is sent to find it.</summary>
    private static IPAddress LocalAddressTo(IPEndPoint remote)
    {
        try
        {
            using Socket probe = new(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException e)
        {
            throw new SipSendException(SipSendFault.Transport, e);
        }
    }
}

using System.Net;

namespace Watchword.Sip;

/// <summary>A way to one remote end: a connection, or an address on a UDP socket.</summary>
internal abstract class SipFlow(SipTransport transport, IPEndPoint remote, IPEndPoint local)
{
    public SipTransport Transport { get; } = transport;

    public IPEndPoint Remote { get; } = remote;

    public IPEndPoint Local { get; } = local;

    /// <summary>Who is at the other end; null for a stranger.</summary>
    public SipPeer? Peer { get; protected set; }

    public bool IsReliable => Transport != SipTransport.Udp;

    /// <summary>Cancelled when nothing can be sent any more.</summary>
    public virtual CancellationToken Closed => CancellationToken.None;

    /// <summary>Sends one message.</summary>
    /// <exception cref="IOException">It could not be sent.</exception>
    public abstract Task SendAsync(ReadOnlyMemory<byte> message);

    /// <summary>The way that a response to a request with this top Via takes (RFC 3261 §18.2.2, RFC 3581 §4).</summary>
    public virtual SipFlow ForResponse(SipVia via) => this;
}

/// <summary>A message as it arrived.</summary>
internal readonly record struct SipReceived(SipReading Reading, SipFlow Flow);

/// <summary>
/// Takes what arrives. The task ends when the message needs nothing more: this is what back pressure waits for.
/// </summary>
internal delegate Task SipReceiver(SipReceived received);

using System.Net;

namespace Watchword.Sip;

/// <summary>A request from a peer, as a handler gets it.</summary>
public sealed class SipServerRequest
{
    internal SipServerRequest(
        SipRequest request, SipPeer peer, SipTransport transport, IPEndPoint remote, IPEndPoint local, DateTimeOffset receivedAt)
    {
        Request = request;
        Peer = peer;
        Transport = transport;
        RemoteEndPoint = remote;
        LocalEndPoint = local;
        ReceivedAt = receivedAt;
    }

    /// <summary>The request; its top Via says where it came from (RFC 3261 §18.2.1).</summary>
    public SipRequest Request { get; }

    /// <summary>The peer that sent it.</summary>
    public SipPeer Peer { get; }

    /// <summary>The transport by which it came.</summary>
    public SipTransport Transport { get; }

    /// <summary>Where it came from.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    /// <summary>Where it arrived.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>When it arrived.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>A response to it; see <see cref="SipRequest.CreateResponse"/>.</summary>
    public SipResponse CreateResponse(int statusCode, string? reasonPhrase = null, string? toTag = null) =>
        Request.CreateResponse(statusCode, reasonPhrase, toTag);
}

/// <summary>Answers requests of one method with their final response. It may run for several requests at once.</summary>
/// <param name="request">The request.</param>
/// <param name="cancellationToken">Cancelled when nobody waits any more (64 T1) or the stack stops.</param>
public delegate Task<SipResponse> SipRequestHandler(SipServerRequest request, CancellationToken cancellationToken);

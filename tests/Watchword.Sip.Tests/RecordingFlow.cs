using System.Net;

namespace Watchword.Sip.Tests;

/// <summary>A flow that keeps what is sent. For the state machines alone: transports have tests over sockets.</summary>
internal sealed class RecordingFlow(SipTransport transport, SipPeer? peer)
    : SipFlow(transport, new(IPAddress.Loopback, 5070), new(IPAddress.Loopback, 5060))
{
    private readonly List<SipMessage> _sent = [];
    private readonly CancellationTokenSource _closed = new();

    public RecordingFlow WithPeer()
    {
        Peer = peer;
        return this;
    }

    public bool Fails { get; set; }

    public IReadOnlyList<SipMessage> Sent
    {
        get
        {
            lock (_sent)
            {
                return [.. _sent];
            }
        }
    }

    public override CancellationToken Closed => _closed.Token;

    public void Close() => _closed.Cancel();

    public override Task SendAsync(ReadOnlyMemory<byte> message)
    {
        if (Fails)
        {
            throw new IOException();
        }

        lock (_sent)
        {
            _sent.Add(SipMessage.Parse(message.Span));
        }

        return Task.CompletedTask;
    }
}

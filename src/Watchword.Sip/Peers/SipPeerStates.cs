using System.Collections.Frozen;

namespace Watchword.Sip;

/// <summary>What one peer has in use.</summary>
internal sealed class SipPeerState(int perSecond, int burst, int maxConnections, int maxTransactions, TimeProvider time)
{
    private int _connections;
    private int _transactions;

    public SipTokenBucket Requests { get; } = new(perSecond, burst, time);

    public bool TryAddConnection() => BoundedCount.TryAdd(ref _connections, maxConnections);

    public void RemoveConnection() => Interlocked.Decrement(ref _connections);

    public bool TryAddTransaction() => BoundedCount.TryAdd(ref _transactions, maxTransactions);

    public void RemoveTransaction() => Interlocked.Decrement(ref _transactions);
}

/// <summary>The state of every peer, and one for all who are none.</summary>
internal sealed class SipPeerStates
{
    private readonly FrozenDictionary<string, SipPeerState> _states;

    public SipPeerStates(SipStackOptions options)
    {
        _states = options.Peers.All.ToFrozenDictionary(
            p => p.Name,
            p => new SipPeerState(p.RequestsPerSecond, p.Burst, p.MaxConnections, p.MaxTransactions, options.TimeProvider),
            StringComparer.Ordinal);
        Strangers = new(
            options.StrangerAnswersPerSecond, options.StrangerAnswersPerSecond,
            options.TransportLimits.MaxStrangerConnections, 0, options.TimeProvider);
    }

    public SipPeerState Strangers { get; }

    public SipPeerState Of(SipPeer? peer) => peer is null ? Strangers : _states[peer.Name];
}

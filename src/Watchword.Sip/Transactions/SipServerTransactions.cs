using System.Collections.Concurrent;

namespace Watchword.Sip;

/// <summary>All server transactions, bounded over all and for each peer.</summary>
internal sealed class SipServerTransactions(SipStackOptions options, SipPeerStates states, SipMetrics metrics) : IDisposable
{
    private readonly ConcurrentDictionary<string, SipServerTransaction> _byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SipServerTransaction> _byMerge = new(StringComparer.Ordinal);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The transaction of a request with its own method, or with the one that a CANCEL is for.</summary>
    public SipServerTransaction? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Whether the request came by another way already (RFC 3261 §8.2.2.2).</summary>
    public bool IsMerged(SipRequest request) => SipTransactionKeys.Merge(request) is string key && _byMerge.ContainsKey(key);

    /// <summary>
    /// Begins the transaction of a request. Null if there are too many; <paramref name="existing"/> is the one that another
    /// thread has just begun for the same request.
    /// </summary>
    public SipServerTransaction? TryBegin(SipRequest request, SipFlow flow, out SipServerTransaction? existing)
    {
        existing = null;
        SipPeerState state = states.Of(flow.Peer);
        if (!BoundedCount.TryAdd(ref _count, options.MaxTransactions))
        {
            return null;
        }

        if (!state.TryAddTransaction())
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        SipServerTransaction transaction = new(
            request, flow.ForResponse(request.Headers.Via[0]), options.Timers, options.TimeProvider, ended => End(ended, state));
        metrics.Transactions(1);
        existing = _byKey.GetOrAdd(transaction.Key, transaction);
        if (!ReferenceEquals(existing, transaction))
        {
            transaction.Dispose();
            return null;
        }

        existing = null;
        if (transaction.MergeKey is string merge)
        {
            _byMerge.TryAdd(merge, transaction);
        }

        return transaction;
    }

    public void Dispose()
    {
        foreach (SipServerTransaction transaction in _byKey.Values)
        {
            transaction.Dispose();
        }
    }

    private void End(SipServerTransaction transaction, SipPeerState state)
    {
        _byKey.TryRemove(new(transaction.Key, transaction));
        if (transaction.MergeKey is string merge)
        {
            _byMerge.TryRemove(new(merge, transaction));
        }

        Interlocked.Decrement(ref _count);
        state.RemoveTransaction();
        metrics.Transactions(-1);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>All client transactions, bounded. One that has its response absorbs repeats of it on UDP for T4 (timer K).</summary>
internal sealed class SipClientTransactions(SipStackOptions options, SipMetrics metrics)
{
    private readonly ConcurrentDictionary<string, SipClientTransaction> _byKey = new(StringComparer.Ordinal);

    /// <summary>Sends a request, complete with Via, and waits for the final response.</summary>
    /// <exception cref="SipSendException">None came.</exception>
    public async Task<SipResponse> RunAsync(SipRequest request, SipFlow flow, CancellationToken cancellationToken)
    {
        if (_byKey.Count >= options.MaxClientTransactions)
        {
            throw new SipSendException(SipSendFault.Overload);
        }

        string key = SipTransactionKeys.Client(request)!;
        SipClientTransaction transaction = new(request, flow, options.Timers, options.TimeProvider);
        _byKey[key] = transaction;
        bool answered = false;
        try
        {
            SipResponse response = await transaction.RunAsync(cancellationToken);
            answered = true;
            return response;
        }
        finally
        {
            if (answered && !flow.IsReliable)
            {
                ForgetLater(key);
            }
            else
            {
                _byKey.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Hands a response to its transaction.</summary>
    public void Receive(SipResponse response)
    {
        if (SipTransactionKeys.Client(response) is string key && _byKey.TryGetValue(key, out SipClientTransaction? transaction))
        {
            transaction.Receive(response);
        }
        else
        {
            metrics.StrayResponse();
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope",
        Justification = "The timer disposes itself when it fires.")]
    private void ForgetLater(string key)
    {
        ITimer? timer = null;
        timer = options.TimeProvider.CreateTimer(
            _ =>
            {
                _byKey.TryRemove(key, out SipClientTransaction? _);
                timer?.Dispose();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(options.Timers.T4, Timeout.InfiniteTimeSpan);
    }
}

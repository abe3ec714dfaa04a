namespace Watchword.Sip;

/// <summary>
/// The client side of a request other than INVITE (RFC 3261 §17.1.2). States: Trying, Proceeding after a provisional response,
/// Completed after the final one, Terminated.
/// </summary>
internal sealed class SipClientTransaction
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<SipResponse> _final = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SipFlow _flow;
    private readonly byte[] _request;
    private readonly SipTimers _timers;
    private readonly TimeProvider _time;
    private ITimer? _retransmit;
    private ITimer? _timeout;
    private TimeSpan _interval;
    private bool _proceeding;

    public SipClientTransaction(SipRequest request, SipFlow flow, SipTimers timers, TimeProvider time)
    {
        _flow = flow;
        _request = request.ToArray();
        _timers = timers;
        _time = time;
        _interval = timers.T1;
    }

    /// <summary>Sends the request and waits for the final response.</summary>
    /// <exception cref="SipSendException">None came, or the request could not be sent.</exception>
    /// <exception cref="OperationCanceledException">The caller waits no more.</exception>
    public async Task<SipResponse> RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration closed = _flow.Closed.Register(() => Fail(SipSendFault.Transport));
        lock (_lock)
        {
            // Timer F, and on UDP timer E.
            _timeout = _time.CreateTimer(_ => Fail(SipSendFault.Timeout), null, _timers.Transaction, Timeout.InfiniteTimeSpan);
            _retransmit = _flow.IsReliable ? null
                : _time.CreateTimer(_ => Retransmit(), null, _interval, Timeout.InfiniteTimeSpan);
        }

        try
        {
            await SendAsync();
            return await _final.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _timeout.Dispose();
                _retransmit?.Dispose();
                _retransmit = null;
            }
        }
    }

    /// <summary>A response that matches. Whatever follows the final one is absorbed.</summary>
    public void Receive(SipResponse response)
    {
        if (response.IsFinal)
        {
            _final.TrySetResult(response);
            return;
        }

        lock (_lock)
        {
            // In Proceeding timer E runs with T2.
            _proceeding = true;
        }
    }

    private void Fail(SipSendFault fault) => _final.TrySetException(new SipSendException(fault));

    private void Retransmit()
    {
        lock (_lock)
        {
            if (_retransmit is null || _final.Task.IsCompleted)
            {
                return;
            }

            _interval = _proceeding ? _timers.T2 : TimeSpan.FromTicks(Math.Min(2 * _interval.Ticks, _timers.T2.Ticks));
            _retransmit.Change(_interval, Timeout.InfiniteTimeSpan);
        }

        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            await _flow.SendAsync(_request);
        }
        catch (IOException e)
        {
            _final.TrySetException(new SipSendException(SipSendFault.Transport, e));
        }
    }
}

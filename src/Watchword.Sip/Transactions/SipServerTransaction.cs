namespace Watchword.Sip;

/// <summary>
/// The server side of a request other than INVITE (RFC 3261 §17.2.2). States: Trying, Proceeding once 100 was sent, Completed
/// once the final response was, Terminated.
/// </summary>
internal sealed class SipServerTransaction : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SipFlow _reply;
    private readonly SipTimers _timers;
    private readonly Action<SipServerTransaction> _terminated;
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ITimer _timer;
    private readonly byte[] _trying;
    private State _state = State.Trying;
    private byte[]? _last;

    /// <summary>Begins in Trying.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reply">The way of its response.</param>
    /// <param name="timers">The timers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="terminated">Called once, when nothing is to be kept any more.</param>
    public SipServerTransaction(
        SipRequest request, SipFlow reply, SipTimers timers, TimeProvider time, Action<SipServerTransaction> terminated)
    {
        _reply = reply;
        _timers = timers;
        _terminated = terminated;
        _trying = request.CreateResponse(100).ToArray();
        Key = SipTransactionKeys.Server(request, request.Method);
        MergeKey = SipTransactionKeys.Merge(request);
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Abandoned = _abandoned.Token;
        _timer.Change(timers.Provisional, Timeout.InfiniteTimeSpan);
    }

    private enum State
    {
        Trying,
        Proceeding,
        Completed,
        Terminated,
    }

    public string Key { get; }

    public string? MergeKey { get; }

    /// <summary>Cancelled when no response would be waited for any more.</summary>
    public CancellationToken Abandoned { get; }

    /// <summary>A retransmission: in Trying it is dropped, afterwards the last response is sent again.</summary>
    public Task DuplicateAsync()
    {
        byte[]? last;
        lock (_lock)
        {
            last = _state is State.Proceeding or State.Completed ? _last : null;
        }

        return last is null ? Task.CompletedTask : SendAsync(last);
    }

    /// <summary>The final response. After 64 T1 it is dropped (RFC 4320 §4.2).</summary>
    public Task RespondAsync(byte[] response)
    {
        lock (_lock)
        {
            if (_state is State.Completed or State.Terminated)
            {
                return Task.CompletedTask;
            }

            _state = State.Completed;
            _last = response;

            // Timer J: on UDP retransmissions may come for 64 T1.
            _timer.Change(_reply.IsReliable ? TimeSpan.Zero : _timers.Transaction, Timeout.InfiniteTimeSpan);
        }

        return SendAsync(response);
    }

    public void Dispose() => Terminate();

    private async Task SendAsync(byte[] message)
    {
        try
        {
            await _reply.SendAsync(message);
        }
        catch (IOException)
        {
            // §17.2.4: there is nobody to tell. The transaction ends by itself, and the client asks again.
        }
    }

    private void OnTimer()
    {
        bool trying;
        lock (_lock)
        {
            trying = _state == State.Trying;
            if (trying)
            {
                _state = State.Proceeding;
                _last = _trying;
                _timer.Change(_timers.Transaction - _timers.Provisional, Timeout.InfiniteTimeSpan);
            }
        }

        if (trying)
        {
            _ = SendAsync(_trying);
        }
        else
        {
            Terminate();
        }
    }

    private void Terminate()
    {
        lock (_lock)
        {
            if (_state == State.Terminated)
            {
                return;
            }

            _state = State.Terminated;
        }

        _timer.Dispose();
        _abandoned.Cancel();
        _abandoned.Dispose();
        _terminated(this);
    }
}

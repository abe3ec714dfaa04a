using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;

namespace Watchword.Sip;

/// <summary>
/// One connection of TCP or TLS. Reads message by message and waits while too many are with handlers; writes one message at a
/// time. Whatever goes wrong, or takes too long, ends it.
/// </summary>
[SuppressMessage(
    "Usage", "CA2213:Disposable fields should be disposed", 
    Justification = "Waits for them may still end, they hold no handle; the metrics are the stack's.")]
internal sealed class SipConnection : SipFlow, IAsyncDisposable
{
    private static readonly ReadOnlyMemory<byte> _pong = "\r\n"u8.ToArray();

    private readonly Stream _stream;
    private readonly SipTransportLimits _limits;
    private readonly SipStreamFramer _framer;
    private readonly SipMetrics _metrics;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _closed = new();
    private readonly ITimer _readDeadline;
    private readonly ITimer _writeDeadline;
    private readonly CancellationToken _closedToken;
    private int _pendingWrites;
    private int _ended;
    private bool _inside;

    public SipConnection(
        Stream stream, SipTransport transport, IPEndPoint remote, IPEndPoint local, SipPeer? peer,
        SipStackOptions options, SipMetrics metrics)
        : base(transport, remote, local)
    {
        _stream = stream;
        _limits = options.TransportLimits;
        _framer = new(options.Limits);
        _metrics = metrics;
        _slots = new(_limits.MaxOutstanding);
        _closedToken = _closed.Token;
        _readDeadline = options.TimeProvider.CreateTimer(
            _ => End(_inside ? "slow_sender" : "idle"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _writeDeadline = options.TimeProvider.CreateTimer(_ => End("slow_receiver"), null, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        Peer = peer;
        metrics.Connections(1, transport);
    }

    public override CancellationToken Closed => _closedToken;

    /// <summary>Reads until the connection ends.</summary>
    public async Task RunAsync(SipReceiver receiver)
    {
        PipeReader reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            await ReadAsync(reader, receiver);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            End("reset");
        }
        finally
        {
            await reader.CompleteAsync();
            await DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public override async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        if (Interlocked.Increment(ref _pendingWrites) > _limits.MaxPendingWrites)
        {
            Interlocked.Decrement(ref _pendingWrites);
            End("slow_receiver");
            throw new IOException("The other side does not read.");
        }

        try
        {
            await _writing.WaitAsync(_closedToken);
            try
            {
                _writeDeadline.Change(_limits.WriteTimeout, Timeout.InfiniteTimeSpan);
                await _stream.WriteAsync(message, _closedToken);
                await _stream.FlushAsync(_closedToken);
                _writeDeadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            // A message may be written in part: nothing that follows would be understood.
            End("reset");
            throw new IOException("The connection is closed.", e);
        }
        finally
        {
            Interlocked.Decrement(ref _pendingWrites);
        }
    }

    public async ValueTask DisposeAsync()
    {
        End("stopped");
        await _readDeadline.DisposeAsync();
        await _writeDeadline.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private async Task ReadAsync(PipeReader reader, SipReceiver receiver)
    {
        Wait(false);
        while (true)
        {
            ReadResult result = await reader.ReadAsync(_closedToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool goesOn = await TakeAsync(buffer, receiver, reader);
            if (!goesOn || result.IsCompleted)
            {
                End(goesOn ? "closed" : "unframed");
                return;
            }

            Wait(_framer.IsInside);
        }
    }

    private async Task<bool> TakeAsync(ReadOnlySequence<byte> buffer, SipReceiver receiver, PipeReader reader)
    {
        while (true)
        {
            SipFrame frame = _framer.Read(ref buffer, out SipReading reading);
            switch (frame)
            {
                case SipFrame.None:
                    reader.AdvanceTo(buffer.Start, buffer.End);
                    return true;
                case SipFrame.Ping:
                    await SendAsync(_pong);
                    break;
                case SipFrame.Message:
                    _readDeadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    _inside = false;
                    await _slots.WaitAsync(_closedToken);
                    _ = DispatchAsync(receiver, new(reading, this));
                    break;
                default:
                    await receiver(new(reading, this));
                    reader.AdvanceTo(buffer.End);
                    return false;
            }
        }
    }

    private async Task DispatchAsync(SipReceiver receiver, SipReceived received)
    {
        try
        {
            await receiver(received);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>
    /// Between messages silence is bounded; inside one the time from its first octet is, however often more comes.
    /// </summary>
    private void Wait(bool inside)
    {
        if (inside && _inside)
        {
            return;
        }

        _inside = inside;
        try
        {
            _readDeadline.Change(inside ? _limits.MessageTimeout : _limits.IdleTimeout, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended; reading will find out.
        }
    }

    private void End(string reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _metrics.Connections(-1, Transport);
            _metrics.ConnectionClosed(reason);
            _closed.Cancel();
            _stream.Dispose();
        }
    }
}

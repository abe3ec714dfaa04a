using System.Buffers;

namespace Watchword.Sip;

/// <summary>What stands at the front of a stream.</summary>
internal enum SipFrame
{
    /// <summary>Not enough yet.</summary>
    None,

    /// <summary>A message, right or not, whose end is known.</summary>
    Message,

    /// <summary>Two line breaks: the other side asks whether the connection lives (RFC 5626 §4.4.1).</summary>
    Ping,

    /// <summary>No end can be found: there may be something to answer, then the connection is closed.</summary>
    Broken,
}

/// <summary>Cuts a stream into messages by Content-Length (RFC 3261 §18.3).</summary>
internal sealed class SipStreamFramer(SipLimits limits)
{
    private SipReading _head;
    private bool _hasHead;
    private long _searched;

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool IsInside { get; private set; }

    /// <summary>Takes what is whole off the front of <paramref name="buffer"/>.</summary>
    public SipFrame Read(ref ReadOnlySequence<byte> buffer, out SipReading reading)
    {
        reading = default;
        if (!_hasHead)
        {
            SipFrame before = SkipBreaks(ref buffer);
            if (before != SipFrame.None || !IsInside)
            {
                return before;
            }

            SipFrame head = ReadHead(ref buffer, out reading);
            if (head != SipFrame.Message)
            {
                return head;
            }
        }

        if (buffer.Length < _head.BodyLength)
        {
            return SipFrame.None;
        }

        if (_head.Message is not null && _head.BodyLength > 0)
        {
            _head.Message.Body = buffer.Slice(0, _head.BodyLength).ToArray();
        }

        buffer = buffer.Slice(_head.BodyLength);
        reading = _head;
        _hasHead = false;
        IsInside = false;
        return SipFrame.Message;
    }

    private SipFrame SkipBreaks(ref ReadOnlySequence<byte> buffer)
    {
        IsInside = false;
        Span<byte> four = stackalloc byte[4];
        while (!buffer.IsEmpty)
        {
            int length = (int)Math.Min(4, buffer.Length);
            Span<byte> front = four[..length];
            buffer.Slice(0, length).CopyTo(front);
            if (front.SequenceEqual("\r\n\r\n"u8))
            {
                buffer = buffer.Slice(4);
                _searched = 0;
                return SipFrame.Ping;
            }

            if (front.Length < 4 && "\r\n\r\n"u8.StartsWith(front))
            {
                return SipFrame.None;
            }

            if (!front.StartsWith("\r\n"u8))
            {
                IsInside = true;
                return SipFrame.None;
            }

            buffer = buffer.Slice(2);
            _searched = 0;
        }

        return SipFrame.None;
    }

    private SipFrame ReadHead(ref ReadOnlySequence<byte> buffer, out SipReading reading)
    {
        reading = default;
        SequenceReader<byte> reader = new(buffer);
        reader.Advance(Math.Max(0, _searched - 3));
        if (!reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8))
        {
            _searched = buffer.Length;
            if (buffer.Length <= limits.MaxMessage)
            {
                return SipFrame.None;
            }

            reading = new(null, SipFormatFault.TooLarge, limits.MaxMessage, 0);
            return SipFrame.Broken;
        }

        ReadOnlySequence<byte> head = buffer.Slice(0, reader.Consumed);
        buffer = buffer.Slice(reader.Consumed);
        _searched = 0;
        reading = head.IsSingleSegment
            ? SipMessageReader.Read(head.FirstSpan, limits, SipFraming.StreamHead)
            : SipMessageReader.Read(head.ToArray(), limits, SipFraming.StreamHead);

        // A message with a fault elsewhere still has its length; without one, what follows cannot be told from it.
        if (reading.Message is null || reading.Fault is SipFormatFault.BodyLength or SipFormatFault.TooLarge
            || !reading.HasLength)
        {
            return SipFrame.Broken;
        }

        _head = reading;
        _hasHead = true;
        return SipFrame.Message;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Watchword.Sip;

/// <summary>
/// Reads messages (RFC 3261 §7, §25.1): strict lines, bounded, every field that has a type checked against its grammar. The first
/// fault is kept, and reading goes on as long as the shape of the message is clear.
/// </summary>
internal static class SipMessageReader
{
    private static readonly string[] _mandatory =
        [SipHeaderNames.Via, SipHeaderNames.From, SipHeaderNames.To, SipHeaderNames.CallId, SipHeaderNames.CSeq];

    public static SipReading Read(ReadOnlySpan<byte> octets, SipLimits limits, SipFraming framing)
    {
        if (octets.Length > limits.MaxMessage && framing != SipFraming.Datagram)
        {
            return new(null, SipFormatFault.TooLarge, limits.MaxMessage, 0);
        }

        Head head = new(limits);
        int at = 0;
        while (true)
        {
            int length = octets[at..].IndexOf("\r\n"u8);
            if (length < 0)
            {
                bool isCut = !octets[at..].ContainsAny((byte)'\r', (byte)'\n');
                return head.Broken(isCut ? SipFormatFault.Incomplete : SipFormatFault.Octets, at);
            }

            ReadOnlySpan<byte> line = octets.Slice(at, length);
            int lineAt = at;
            at += length + 2;
            if (line.IsEmpty)
            {
                break;
            }

            if (!head.Take(line, lineAt))
            {
                return head.Broken(head.Fault, head.Offset);
            }
        }

        if (!head.Finish(at))
        {
            return head.Broken(head.Fault, head.Offset);
        }

        return WithBody(head, octets[at..], at, limits, framing);
    }

    private static SipReading WithBody(Head head, ReadOnlySpan<byte> rest, int at, SipLimits limits, SipFraming framing)
    {
        int length = head.BodyLength ?? rest.Length;
        if (framing == SipFraming.StreamHead)
        {
            if (head.BodyLength is null)
            {
                head.Note(SipFormatFault.BodyLength, at);
            }
            else if (length > limits.MaxMessage - at)
            {
                head.Note(SipFormatFault.TooLarge, at);
            }

            bool isKnown = head.BodyLength is int stated && stated <= limits.MaxMessage - at;
            return head.Result(head.BodyLength ?? 0) with { HasLength = isKnown };
        }

        if (at + rest.Length > limits.MaxMessage && framing == SipFraming.Datagram)
        {
            head.Note(SipFormatFault.TooLarge, limits.MaxMessage);
        }
        else if (length > rest.Length || (framing == SipFraming.Exact && length < rest.Length))
        {
            head.Note(SipFormatFault.BodyLength, at);
        }
        else
        {
            head.Message!.Body = rest[..length].ToArray();
        }

        return head.Result(length);
    }

    /// <summary>What is read of a head so far.</summary>
    private ref struct Head(SipLimits limits)
    {
        private readonly StringBuilder _value = new();
        private readonly SipHeaders _headers = new();
        private string? _name;
        private int _nameAt;
        private int _fieldLength;
        private int _count;
        private int _lengthAt;

        public SipMessage? Message { get; private set; }

        public SipFormatFault Fault { get; private set; }

        public int Offset { get; private set; }

        public int? BodyLength { get; private set; }

        /// <summary>Keeps the first fault.</summary>
        public void Note(SipFormatFault fault, int offset)
        {
            if (Fault == SipFormatFault.None)
            {
                Fault = fault;
                Offset = offset;
            }
        }

        public readonly SipReading Result(int length) => new(Message, Fault, Offset, length);

        /// <summary>The shape of the message is not clear, so there is nothing to answer.</summary>
        public readonly SipReading Broken(SipFormatFault fault, int offset) =>
            Fault == SipFormatFault.None ? new(null, fault, offset, 0) : new(null, Fault, Offset, 0);

        /// <summary>One line. False if the message cannot be read any further.</summary>
        public bool Take(ReadOnlySpan<byte> line, int at)
        {
            if (line.Length > limits.MaxLine)
            {
                Note(SipFormatFault.LineTooLong, at);
                return false;
            }

            if (!Utf8.IsValid(line) || HasControl(line))
            {
                Note(SipFormatFault.Octets, at);
                return false;
            }

            if (Message is null)
            {
                return TakeStartLine(Encoding.UTF8.GetString(line), at);
            }

            return line[0] is (byte)' ' or (byte)'\t' ? TakeFolded(line, at) : TakeField(line, at);
        }

        /// <summary>The empty line: what every message has must be there.</summary>
        public bool Finish(int at)
        {
            if (Message is null)
            {
                Note(SipFormatFault.StartLine, 0);
                return false;
            }

            EndField();
            foreach (string name in _mandatory)
            {
                if (!_headers.Contains(name))
                {
                    Note(SipFormatFault.HeaderMissing, at);
                }
            }

            if (Fault == SipFormatFault.None && !SipMessageChecks.Hold(Message, out SipFormatFault fault))
            {
                Note(fault, at);
            }

            return true;
        }

        private static bool HasControl(ReadOnlySpan<byte> line)
        {
            foreach (byte b in line)
            {
                if ((b < ' ' && b != '\t') || b == 0x7F)
                {
                    return true;
                }
            }

            return false;
        }

        private bool TakeStartLine(string line, int at)
        {
            SipFormatFault fault = SipStartLine.Read(line, _headers, out SipMessage? message);
            Message = message;
            if (fault != SipFormatFault.None)
            {
                Note(fault, at);
            }

            return message is not null;
        }

        private bool TakeField(ReadOnlySpan<byte> line, int at)
        {
            EndField();
            int colon = line.IndexOf((byte)':');
            string name = colon < 0 ? "" : Encoding.UTF8.GetString(line[..colon]).TrimEnd(' ', '\t');
            if (!SipChars.IsToken(name))
            {
                Note(SipFormatFault.HeaderField, at);
                return false;
            }

            if (++_count > limits.MaxHeaders)
            {
                Note(SipFormatFault.TooManyHeaders, at);
                return false;
            }

            _name = SipHeaderNames.Canonical(name);
            _nameAt = at;
            _fieldLength = line.Length;
            _value.Clear().Append(Encoding.UTF8.GetString(line[(colon + 1)..]).AsSpan().Trim(" \t"));
            return true;
        }

        /// <summary>A folded line: its break and white space are one space (RFC 3261 §7.3.1).</summary>
        private bool TakeFolded(ReadOnlySpan<byte> line, int at)
        {
            _fieldLength += line.Length;
            if (_name is null || _fieldLength > limits.MaxLine)
            {
                Note(_name is null ? SipFormatFault.HeaderField : SipFormatFault.LineTooLong, at);
                return false;
            }

            ReadOnlySpan<char> more = Encoding.UTF8.GetString(line).AsSpan().Trim(" \t");
            if (!more.IsEmpty)
            {
                _value.Append(_value.Length == 0 ? "" : " ").Append(more);
            }

            return true;
        }

        private void EndField()
        {
            if (_name is null)
            {
                return;
            }

            string name = _name;
            string value = _value.ToString();
            _name = null;
            if (name == SipHeaderNames.ContentLength)
            {
                TakeLength(value);
                return;
            }

            if (SipHeaderRules.IsSingle(name) && _headers.Contains(name))
            {
                Note(SipFormatFault.Repeated, _nameAt);
            }
            else if (!SipHeaderRules.IsValid(name, value, out int offset))
            {
                Note(SipFormatFault.HeaderValue, _nameAt + offset);
            }

            _headers.AddRead(name, value);
        }

        private void TakeLength(string value)
        {
            int first = _lengthAt;
            _lengthAt = _nameAt;
            if (first > 0)
            {
                // Two lengths are two readings of one stream: neither counts.
                BodyLength = null;
                Note(SipFormatFault.Repeated, _nameAt);
            }
            else if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int length))
            {
                BodyLength = length;
            }
            else
            {
                Note(SipFormatFault.HeaderValue, _nameAt);
            }
        }
    }
}

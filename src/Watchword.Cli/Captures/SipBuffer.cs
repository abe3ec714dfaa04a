using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Watchword.Cli.Captures;

/// <summary>Headers and body of one SIP message, or of one part of a multipart body.</summary>
/// <param name="ContentType">The value of Content-Type, or empty.</param>
/// <param name="Encoding">The value of Content-Transfer-Encoding, or empty.</param>
/// <param name="Body">The body.</param>
internal sealed record SipEntity(string ContentType, string Encoding, ReadOnlyMemory<byte> Body);

/// <summary>Cuts octets into SIP messages (RFC 3261 §7, §18.3): headers to an empty line, then Content-Length octets.</summary>
internal sealed class SipBuffer
{
    private const int ShortestMessage = 16;
    private const int MaximumHeader = 65_536;
    private const int MaximumBody = 4 * 1024 * 1024;

    private readonly List<byte> pending = [];
    private int start;
    private int checkedTo;

    /// <summary>The one message of a UDP datagram; null if it is none.</summary>
    public static SipEntity? FromDatagram(ReadOnlyMemory<byte> octets)
    {
        if (!IsSip(octets.Span) || EndOfHeader(octets.Span, 0) is not { } end)
        {
            return null;
        }

        ReadOnlyMemory<byte> body = octets[end..];
        string header = Encoding.UTF8.GetString(octets.Span[..end]);
        // RFC 3261 §18.3: octets beyond the length are to be left out.
        int? length = Length(header);
        return Entity(header, length < body.Length ? body[..length.Value] : body);
    }

    /// <summary>Takes more octets of a stream; gives the messages that are complete.</summary>
    public IEnumerable<SipEntity> Add(ReadOnlyMemory<byte> octets)
    {
        pending.AddRange(octets.Span);
        while (Next() is { } entity)
        {
            yield return entity;
        }

        pending.RemoveRange(0, start);
        start = 0;
    }

    /// <summary>Headers and body of a part of a multipart body.</summary>
    public static SipEntity? Part(ReadOnlyMemory<byte> octets) => EndOfHeader(octets.Span, 0) is { } end
        ? Entity(Encoding.UTF8.GetString(octets.Span[..end]), octets[end..])
        : null;

    private SipEntity? Next()
    {
        ReadOnlySpan<byte> octets = CollectionsMarshal.AsSpan(pending)[start..];
        // Empty lines between messages keep connections alive.
        int blank = octets.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (blank != 0)
        {
            Advance(blank < 0 ? octets.Length : blank);
            octets = CollectionsMarshal.AsSpan(pending)[start..];
        }

        if (octets.Length < ShortestMessage)
        {
            return null;
        }

        if (EndOfHeader(octets, checkedTo) is not { } end)
        {
            checkedTo = Math.Max(0, octets.Length - 3);
            if (octets.Length > MaximumHeader || !IsSip(octets))
            {
                Advance(octets.Length);
            }

            return null;
        }

        string header = IsSip(octets) && end <= MaximumHeader ? Encoding.UTF8.GetString(octets[..end]) : string.Empty;
        int length = Length(header) ?? 0;
        if (header.Length == 0 || length > MaximumBody)
        {
            // Another protocol, a stream whose beginning was not captured, or more than is read.
            Advance(octets.Length);
            return null;
        }

        if (octets.Length - end < length)
        {
            checkedTo = end - 4;
            return null;
        }

        SipEntity entity = Entity(header, octets.Slice(end, length).ToArray());
        Advance(end + length);
        return entity;
    }

    private void Advance(int count)
    {
        start += count;
        checkedTo = 0;
    }

    private static SipEntity Entity(string header, ReadOnlyMemory<byte> body) => new(
        Value(header, "Content-Type", "c") ?? string.Empty,
        Value(header, "Content-Transfer-Encoding", null) ?? string.Empty,
        body);

    private static int? Length(string header) =>
        int.TryParse(Value(header, "Content-Length", "l"), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? length
            : null;

    /// <summary>The value of the first header with a name, or its compact form; folded lines are joined.</summary>
    private static string? Value(string header, string name, string? compact)
    {
        string[] lines = header.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            string found = colon < 0 ? string.Empty : lines[i][..colon].Trim();
            if (found.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (compact is not null && found.Equals(compact, StringComparison.OrdinalIgnoreCase)))
            {
                StringBuilder value = new(lines[i][(colon + 1)..].Trim());
                for (int j = i + 1; j < lines.Length && lines[j] is [' ' or '\t', ..]; j++)
                {
                    value.Append(' ').Append(lines[j].Trim());
                }

                return value.ToString();
            }
        }

        return null;
    }

    private static int? EndOfHeader(ReadOnlySpan<byte> octets, int from)
    {
        int end = octets[from..].IndexOf("\r\n\r\n"u8);
        return end < 0 ? null : from + end + 4;
    }

    /// <summary>A status line, or a request line: its version stands at the end of the first line.</summary>
    private static bool IsSip(ReadOnlySpan<byte> octets)
    {
        if (octets.StartsWith("SIP/2.0 "u8))
        {
            return true;
        }

        // A first line that has not come to its end yet may still become one.
        int end = octets.IndexOf("\r\n"u8);
        return end < 0
            ? octets.Length is > 0 and < MaximumHeader && octets[0] is >= (byte)'A' and <= (byte)'Z'
            : octets[..end].EndsWith(" SIP/2.0"u8);
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Watchword.Lab.Walk;

/// <summary>
/// The MIKEY messages of the walk as a capture: each as the body of a SIP MESSAGE over UDP, between addresses of
/// documentation (RFC 5737). The
/// lab has no SIP server yet; the messages are the ones that the walk really makes and opens.
/// </summary>
internal sealed class KeyMessageCapture(TimeProvider time)
{
    private const uint Magic = 0xA1B2C3D4;
    private const int RawIp = 101;
    private const int IpHeaderSize = 20;
    private const int UdpHeaderSize = 8;
    private const int SipPort = 5060;
    private const int MaximumPacket = 65_535;

    private readonly List<byte> _packets = [];
    private int _count;

    /// <summary>Notes a message.</summary>
    public void Add(string from, string to, ReadOnlySpan<byte> message)
    {
        byte[] packet = Packet(Sip(from, to, message, ++_count));
        DateTimeOffset now = time.GetUtcNow();
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)now.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32BigEndian(header[4..], (now.Millisecond * 1000) + now.Microsecond);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], packet.Length);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], packet.Length);
        _packets.AddRange(header);
        _packets.AddRange(packet);
    }

    /// <summary>The capture in libpcap's format.</summary>
    public byte[] ToPcap()
    {
        byte[] header = new byte[24];
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16), MaximumPacket);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(20), RawIp);
        return [.. header, .. _packets];
    }

    private static byte[] Sip(string from, string to, ReadOnlySpan<byte> message, int number)
    {
        string[] lines =
        [
            $"MESSAGE {to} SIP/2.0",
            string.Create(CultureInfo.InvariantCulture, $"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{number}"),
            "Max-Forwards: 70",
            string.Create(CultureInfo.InvariantCulture, $"From: <{from}>;tag={number}"),
            $"To: <{to}>",
            string.Create(CultureInfo.InvariantCulture, $"Call-ID: {number}@192.0.2.1"),
            "CSeq: 1 MESSAGE",
            "Content-Type: application/mikey",
            string.Create(CultureInfo.InvariantCulture, $"Content-Length: {message.Length}"),
        ];
        return [.. Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"), .. message];
    }

    private static byte[] Packet(byte[] content)
    {
        byte[] packet = new byte[IpHeaderSize + UdpHeaderSize + content.Length];
        Span<byte> ip = packet;
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], checked((ushort)packet.Length));
        (ip[8], ip[9]) = (64, 17);
        ((ReadOnlySpan<byte>)[192, 0, 2, 1, 192, 0, 2, 2]).CopyTo(ip[12..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum(ip[..IpHeaderSize]));
        Span<byte> udp = ip[IpHeaderSize..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, SipPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], SipPort);
        // A checksum of 0 says that there is none (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(UdpHeaderSize + content.Length));
        content.CopyTo(udp[UdpHeaderSize..]);
        return packet;
    }

    private static ushort Checksum(ReadOnlySpan<byte> header)
    {
        uint sum = 0;
        for (int i = 0; i < header.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        }

        return (ushort)~((sum & 0xFFFF) + (sum >> 16));
    }
}

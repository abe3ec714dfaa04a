using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Watchword.Cli.Captures;

/// <summary>What one packet carries over UDP or TCP.</summary>
/// <param name="Source">Address and port of the sender.</param>
/// <param name="Destination">Address and port of the receiver.</param>
/// <param name="Sequence">TCP: the sequence number of the first octet; null for UDP.</param>
/// <param name="Starts">TCP: whether the connection starts here (SYN).</param>
/// <param name="Content">The octets carried.</param>
internal sealed record Datagram(
    IPEndPoint Source, IPEndPoint Destination, uint? Sequence, bool Starts, ReadOnlyMemory<byte> Content)
{
    private const int Ipv4Type = 0x0800;
    private const int Ipv6Type = 0x86DD;
    private const int Udp = 17;
    private const int Tcp = 6;

    /// <summary>
    /// Takes the layers off a packet. False for what is no UDP or TCP over IP, for fragments, and for packets cut short: a
    /// capture is full of
    /// those, and they are none of ours.
    /// </summary>
    public static bool TryRead(CapturedPacket packet, [NotNullWhen(true)] out Datagram? datagram)
    {
        ReadOnlyMemory<byte> ip = Network(packet.Link, packet.Octets);
        datagram = ip.Length == 0 ? null : (ip.Span[0] >> 4) switch
        {
            4 => Version4(ip),
            6 => Version6(ip),
            _ => null,
        };
        return datagram is not null;
    }

    private static ReadOnlyMemory<byte> Network(int link, ReadOnlyMemory<byte> frame) => (LinkLayer)link switch
    {
        LinkLayer.Ethernet => Typed(frame, 12),
        LinkLayer.LinuxCooked => Typed(frame, 14),
        LinkLayer.LinuxCooked2 when frame.Length >= 20 && IsIp(UInt16(frame, 0)) => frame[20..],
        LinkLayer.Null or LinkLayer.Loop when frame.Length > 4 => frame[4..],
        LinkLayer.Raw or LinkLayer.RawOld or LinkLayer.Ipv4 or LinkLayer.Ipv6 => frame,
        _ => default,
    };

    // The type of the content at an offset, behind at most two VLAN tags.
    private static ReadOnlyMemory<byte> Typed(ReadOnlyMemory<byte> frame, int offset)
    {
        for (int tags = 0; tags < 2 && frame.Length >= offset + 6 && UInt16(frame, offset) is 0x8100 or 0x88A8; tags++)
        {
            offset += 4;
        }

        return frame.Length >= offset + 2 && IsIp(UInt16(frame, offset)) ? frame[(offset + 2)..] : default;
    }

    private static Datagram? Version4(ReadOnlyMemory<byte> ip)
    {
        if (ip.Length < 20)
        {
            return null;
        }

        int head = (ip.Span[0] & 0xF) * 4;
        int total = UInt16(ip, 2);
        bool fragment = (UInt16(ip, 6) & 0x3FFF) != 0;
        // A length of 0 is what a sending network card, which cuts the segment itself, leaves in a capture.
        total = total == 0 ? ip.Length : total;
        return head < 20 || total < head || total > ip.Length || fragment
            ? null
            : Transport(ip.Span[9], new IPAddress(ip.Span.Slice(12, 4)), new IPAddress(ip.Span.Slice(16, 4)), ip[head..total]);
    }

    private static Datagram? Version6(ReadOnlyMemory<byte> ip)
    {
        if (ip.Length < 40)
        {
            return null;
        }

        int size = UInt16(ip, 4);
        ReadOnlyMemory<byte> rest = ip[40..];
        if (size > rest.Length)
        {
            return null;
        }

        rest = size == 0 ? rest : rest[..size];
        int next = ip.Span[6];
        // Hop-by-hop options, routing, destination options: each says its own length in units of 8 octets.
        for (int headers = 0; headers < 8 && next is 0 or 43 or 60; headers++)
        {
            int head = rest.Length < 8 ? int.MaxValue : (rest.Span[1] + 1) * 8;
            if (head > rest.Length)
            {
                return null;
            }

            next = rest.Span[0];
            rest = rest[head..];
        }

        return Transport(next, new IPAddress(ip.Span.Slice(8, 16)), new IPAddress(ip.Span.Slice(24, 16)), rest);
    }

    private static Datagram? Transport(int protocol, IPAddress source, IPAddress destination, ReadOnlyMemory<byte> octets)
    {
        int head = protocol switch
        {
            Udp => 8,
            Tcp when octets.Length >= 20 => (octets.Span[12] >> 4) * 4,
            _ => int.MaxValue,
        };
        if (head < 8 || head > octets.Length || (protocol == Tcp && head < 20))
        {
            return null;
        }

        ReadOnlyMemory<byte> content = octets[head..];
        if (protocol == Udp)
        {
            int length = UInt16(octets, 4);
            if (length < 8 || length > octets.Length)
            {
                return null;
            }

            content = octets[8..length];
        }

        return new Datagram(
            new IPEndPoint(source, UInt16(octets, 0)),
            new IPEndPoint(destination, UInt16(octets, 2)),
            protocol == Tcp ? BinaryPrimitives.ReadUInt32BigEndian(octets.Span[4..]) : null,
            protocol == Tcp && (octets.Span[13] & 2) != 0,
            content);
    }

    private static bool IsIp(int type) => type is Ipv4Type or Ipv6Type;

    private static int UInt16(ReadOnlyMemory<byte> octets, int offset) =>
        BinaryPrimitives.ReadUInt16BigEndian(octets.Span[offset..]);
}

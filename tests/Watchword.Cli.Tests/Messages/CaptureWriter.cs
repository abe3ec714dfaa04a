using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Watchword.Cli.Tests.Messages;

/// <summary>Writes captures as the capturing side does: files, links, IP, UDP, TCP and SIP.</summary>
internal static class CaptureWriter
{
    public static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress Server = IPAddress.Parse("192.0.2.2");

    public static byte[] Pcap(IEnumerable<byte[]> frames, int link = 1, bool little = true)
    {
        using MemoryStream file = new();
        file.Write(Numbers(little, 0xA1B2C3D4));
        file.Write(little ? [2, 0, 4, 0] : [0, 2, 0, 4]);
        file.Write(Numbers(little, 0, 0, 262_144, (uint)link));
        uint time = 1_780_315_200;
        foreach (byte[] frame in frames)
        {
            file.Write(Numbers(little, time++, 0, (uint)frame.Length, (uint)frame.Length));
            file.Write(frame);
        }

        return file.ToArray();
    }

    public static byte[] PcapNg(IEnumerable<byte[]> frames, int link = 1, bool little = true)
    {
        using MemoryStream file = new();
        Block(
            file,
            little,
            0x0A0D0D0A,
            [.. Numbers(little, 0x1A2B3C4D), .. little
                ? (byte[])[1, 0, 0, 0]
                : [0, 1, 0, 0], .. new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 }]);
        Block(
            file,
            little,
            1,
            [.. little ? (byte[])[(byte)link, (byte)(link >> 8), 0, 0] : [(byte)(link >> 8),
            (byte)link,
            0,
            0], .. Numbers(little,
            262_144)]);
        foreach (byte[] frame in frames)
        {
            Block(file, little, 6, [.. Numbers(little, 0, 0, 0, (uint)frame.Length, (uint)frame.Length), .. frame]);
        }

        return file.ToArray();
    }

    public static byte[] Ethernet(byte[] ip) => [.. new byte[12], .. ip[0] >> 4 == 4 ? (byte[])[8, 0] : [0x86, 0xDD], .. ip];

    public static byte[] Cooked(byte[] ip) => [.. new byte[14], .. ip[0] >> 4 == 4 ? (byte[])[8, 0] : [0x86, 0xDD], .. ip];

    public static byte[] Ipv4(int protocol, byte[] content) =>
    [
        0x45,
        0,
        .. UInt16(20 + content.Length),
        0,
        0,
        0x40,
        0,
        64,
        (byte)protocol,
        0,
        0,
        .. Client.GetAddressBytes(),
        .. Server.GetAddressBytes(),
        .. content,
    ];

    public static byte[] Ipv6(int protocol, byte[] content) =>
    [
        0x60, 0, 0, 0, .. UInt16(content.Length), (byte)protocol, 64,
        .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.Parse("2001:db8::2").GetAddressBytes(), .. content,
    ];

    public static byte[] Udp(byte[] content, int port = 5060) =>
        [.. UInt16(port), .. UInt16(5060), .. UInt16(8 + content.Length), 0, 0, .. content];

    public static byte[] Tcp(byte[] content, uint sequence, int flags = 0x18, int port = 5070) =>
    [
        .. UInt16(port), .. UInt16(5060), .. Numbers(false, sequence, 1), 0x50, (byte)flags, 0xFF, 0xFF, 0, 0, 0, 0, .. content,
    ];

    /// <summary>A SIP request with a body.</summary>
    public static byte[] Sip(string contentType, byte[] body, string more = "") =>
    [
        .. Encoding.UTF8.GetBytes(
            "MESSAGE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: "
                + "<sip:a@example.org>;tag=1\r\n"
            + "To: <sip:b@example.org>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
            + $"{more}Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    public static byte[] Mikey(byte[] message) => Sip("application/mikey", message);

    public static byte[] Sdp(byte[] message) => Encoding.UTF8.GetBytes(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=key-mgmt:mikey "
            + $"{Convert.ToBase64String(message)}\r\nm=audio 4000 RTP/AVP 97\r\n");

    public static byte[] Multipart(params (string Head, byte[] Body)[] parts) =>
    [
        .. parts.SelectMany(
            part => (byte[])[.. Encoding.UTF8.GetBytes($"--x1\r\n{part.Head}\r\n\r\n"), .. part.Body, .. "\r\n"u8]),
        .. "--x1--\r\n"u8,
    ];

    private static void Block(MemoryStream file, bool little, uint type, byte[] body)
    {
        int padding = (4 - (body.Length % 4)) % 4;
        uint length = (uint)(12 + body.Length + padding);
        file.Write(Numbers(little, type, length));
        file.Write(body);
        file.Write(new byte[padding]);
        file.Write(Numbers(little, length));
    }

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Numbers(bool little, params ReadOnlySpan<uint> values)
    {
        byte[] octets = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> place = octets.AsSpan(4 * i);
            if (little)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(place, values[i]);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(place, values[i]);
            }
        }

        return octets;
    }
}

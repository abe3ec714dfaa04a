using System.Buffers.Binary;

namespace Watchword.Cli.Captures;

/// <summary>
/// Reads the packets of a capture file: libpcap's format with times in micro- or nanoseconds, or pcapng, in either order of
/// octets.
/// </summary>
internal static class CaptureFile
{
    /// <summary>The longest capture that is read.</summary>
    public const int MaximumSizeInBytes = 64 * 1024 * 1024;

    /// <summary>The most packets that are read.</summary>
    public const int MaximumPackets = 1_000_000;

    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint ByteOrder = 0x1A2B3C4D;
    private const int FileHeaderSize = 24;
    private const int PacketHeaderSize = 16;
    private const int MaximumPacketSize = 262_144;
    private const int MaximumInterfaces = 1024;

    /// <summary>Whether octets begin as a capture does.</summary>
    public static bool IsCapture(ReadOnlySpan<byte> octets) =>
        octets.Length >= 4 && (BinaryPrimitives.ReadUInt32BigEndian(octets) == SectionHeader || IsMagic(octets));

    /// <summary>The packets in the order of the file.</summary>
    /// <exception cref="CaptureFormatException">The file is damaged, or larger than what is read.</exception>
    public static IEnumerable<CapturedPacket> Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length > MaximumSizeInBytes)
        {
            throw new CaptureFormatException("the capture is too large", MaximumSizeInBytes);
        }

        if (!IsCapture(file.Span))
        {
            throw new CaptureFormatException("this is no capture", 0);
        }

        return BinaryPrimitives.ReadUInt32BigEndian(file.Span) == SectionHeader ? ReadBlocks(file) : ReadRecords(file);
    }

    private static bool IsMagic(ReadOnlySpan<byte> octets) =>
        BinaryPrimitives.ReadUInt32LittleEndian(octets) is Microseconds or Nanoseconds
        || BinaryPrimitives.ReadUInt32BigEndian(octets) is Microseconds or Nanoseconds;

    private static IEnumerable<CapturedPacket> ReadRecords(ReadOnlyMemory<byte> file)
    {
        bool little = BinaryPrimitives.ReadUInt32LittleEndian(file.Span) is Microseconds or Nanoseconds;
        if (file.Length < FileHeaderSize)
        {
            throw new CaptureFormatException("the file header is cut short", file.Length);
        }

        // The upper bits say whether a frame check sequence follows; they are not part of the link layer.
        int link = (int)(UInt32(file, 20, little) & 0xFFFF);
        int offset = FileHeaderSize;
        for (int number = 1; offset < file.Length; number++)
        {
            Require(file.Length - offset >= PacketHeaderSize, "a packet header is cut short", offset);
            Require(number <= MaximumPackets, "there are too many packets", offset);
            uint length = UInt32(file, offset + 8, little);
            Require(length <= MaximumPacketSize, "a packet is longer than packets are", offset + 8);
            Require(length <= file.Length - offset - PacketHeaderSize, "a packet is cut short", offset + 8);
            yield return new CapturedPacket(number, link, file.Slice(offset + PacketHeaderSize, (int)length));
            offset += PacketHeaderSize + (int)length;
        }
    }

    private static IEnumerable<CapturedPacket> ReadBlocks(ReadOnlyMemory<byte> file)
    {
        List<int> links = [];
        bool little = false;
        int offset = 0;
        int number = 0;
        while (offset < file.Length)
        {
            Require(file.Length - offset >= 12, "a block is cut short", offset);
            if (BinaryPrimitives.ReadUInt32BigEndian(file.Span[offset..]) == SectionHeader)
            {
                little = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[(offset + 8)..]) == ByteOrder;
                Require(little || UInt32(file, offset + 8, little) == ByteOrder, "a section has no byte order", offset + 8);
                links.Clear();
            }

            uint type = UInt32(file, offset, little);
            uint length = UInt32(file, offset + 4, little);
            Require(length >= 12 && length % 4 == 0 && length <= file.Length - offset, "a block has a wrong length", offset + 4);
            ReadOnlyMemory<byte> body = file.Slice(offset + 8, (int)length - 12);
            if (type == 1)
            {
                Require(body.Length >= 8 && links.Count < MaximumInterfaces, "an interface cannot be read", offset);
                links.Add(
                    little
                        ? BinaryPrimitives.ReadUInt16LittleEndian(body.Span)
                        : BinaryPrimitives.ReadUInt16BigEndian(body.Span));
            }
            else if (type is 3 or 6)
            {
                Require(++number <= MaximumPackets, "there are too many packets", offset);
                yield return Packet(body, number, type == 6, links, little, offset + 8);
            }

            offset += (int)length;
        }
    }

    private static CapturedPacket Packet(
        ReadOnlyMemory<byte> body, int number, bool enhanced, List<int> links, bool little, int offset)
    {
        // Enhanced: interface (4), time (8), captured length (4), original length (4). Simple: original length (4), interface 0.
        int head = enhanced ? 20 : 4;
        Require(body.Length >= head, "a packet block is cut short", offset);
        uint source = enhanced ? UInt32(body, 0, little) : 0;
        Require(source < links.Count, "a packet names an interface that is not there", offset);
        uint length = enhanced ? UInt32(body, 12, little) : Math.Min(UInt32(body, 0, little), (uint)(body.Length - head));
        Require(length <= body.Length - head && length <= MaximumPacketSize, "a packet is cut short", offset);
        return new CapturedPacket(number, links[(int)source], body.Slice(head, (int)length));
    }

    private static uint UInt32(ReadOnlyMemory<byte> octets, int offset, bool little) => little
        ? BinaryPrimitives.ReadUInt32LittleEndian(octets.Span[offset..])
        : BinaryPrimitives.ReadUInt32BigEndian(octets.Span[offset..]);

    private static void Require(bool condition, string fault, int offset)
    {
        if (!condition)
        {
            throw new CaptureFormatException(fault, offset);
        }
    }
}

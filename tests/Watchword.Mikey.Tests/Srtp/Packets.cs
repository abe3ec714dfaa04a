using System.Buffers.Binary;
using System.Text;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// What is sent in the tests: voice in RTP, and the control messages of TS 24.380 and TS 24.581 in RTCP APP packets.
/// </summary>
internal static class Packets
{
    private const byte Version2 = 0x80;
    private const byte DynamicPayloadType = 96;
    private const byte ApplicationDefined = 204;

    /// <summary>One frame of 20 ms: RTP with 61 octets of payload, the size of AMR-WB at 23.85 kbit/s.</summary>
    public static byte[] Voice(uint ssrc, ushort sequence)
    {
        byte[] packet = new byte[12 + 61];
        packet[0] = Version2;
        packet[1] = DynamicPayloadType;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(sequence * 320));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        for (int i = 12; i < packet.Length; i++)
        {
            packet[i] = (byte)(sequence + (i * 7));
        }

        return packet;
    }

    /// <summary>Floor Request (TS 24.380 8.2.4): subtype 0, name MCPT, floor priority, user ID, floor indicator.</summary>
    public static byte[] FloorRequest(uint ssrc, string userUri) => Application(ssrc, 0, "MCPT",
        [.. Field(0, [0x07, 0x00]), .. Field(6, Encoding.UTF8.GetBytes(userUri)), .. Field(13, [0x80, 0x00])]);

    /// <summary>Floor Granted (TS 24.380 8.2.5): subtype 1, duration and floor priority.</summary>
    public static byte[] FloorGranted(uint ssrc) => Application(ssrc, 1, "MCPT",
        [.. Field(1, [0x00, 0x1E]), .. Field(0, [0x07, 0x00])]);

    /// <summary>Transmission Request (TS 24.581 9.2.4): subtype 0, name MCV0, transmission priority and user ID.</summary>
    public static byte[] TransmissionRequest(uint ssrc, string userUri) => Application(ssrc, 0, "MCV0",
        [.. Field(0, [0x05, 0x00]), .. Field(6, Encoding.UTF8.GetBytes(userUri))]);

    private static byte[] Application(uint ssrc, int subtype, string name, byte[] fields)
    {
        byte[] packet = new byte[12 + fields.Length];
        packet[0] = (byte)(Version2 | subtype);
        packet[1] = ApplicationDefined;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)((packet.Length / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        Encoding.ASCII.GetBytes(name, packet.AsSpan(8));
        fields.CopyTo(packet, 12);
        return packet;
    }

    // Identifier (1), length (1), value, filled up to whole words.
    private static byte[] Field(byte identifier, byte[] value) =>
        [identifier, (byte)value.Length, .. value, .. new byte[(4 - ((2 + value.Length) % 4)) % 4]];
}

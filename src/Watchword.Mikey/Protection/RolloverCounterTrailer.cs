using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>
/// The roll-over counter in the tag of an SRTP packet, mode 3 of RFC 4771 (RCCm3): packets whose sequence number is a multiple of
/// the rate R end with the 4 octets of the sender's counter and no MAC, the others carry no tag. With an AEAD the packet has its
/// tag inside the cipher text, and the counter enters the IV (RFC 7714 §8.1): a false counter makes a packet that does not open,
/// so the trailer itself needs no protection. It stands last, behind the MKI (RFC 3711 §3.1).
/// </summary>
public sealed class RolloverCounterTrailer
{
    /// <summary>The size of the trailer.</summary>
    public const int SizeInBytes = 4;

    private const int SequenceNumberOffset = 2;
    private const int HeaderSizeInBytes = 12;
    private const int RtpVersion2 = 0x80;
    private const int VersionMask = 0xC0;

    /// <summary>Makes the transform for one rate, which both sides know (parameter 13 of the SRTP policy).</summary>
    /// <param name="rate">R: 1 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    public RolloverCounterTrailer(int rate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1, nameof(rate));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rate, ushort.MaxValue, nameof(rate));
        Rate = rate;
    }

    /// <summary>R.</summary>
    public int Rate { get; }

    /// <summary>Whether packets with this sequence number carry the counter.</summary>
    /// <param name="sequenceNumber">SEQ of the RTP header.</param>
    public bool Carries(ushort sequenceNumber) => sequenceNumber % Rate == 0;

    /// <summary>Adds the trailer to a protected packet, where its sequence number asks for it.</summary>
    /// <param name="packet">The buffer: an SRTP packet, MKI included, and behind it room for the trailer.</param>
    /// <param name="length">The length of the SRTP packet.</param>
    /// <param name="rolloverCounter">The sender's counter, under which the packet was protected.</param>
    /// <returns>The length with the trailer.</returns>
    /// <exception cref="ArgumentException">Not an RTP packet, or no room.</exception>
    public int Append(Span<byte> packet, int length, uint rolloverCounter)
    {
        if (length < HeaderSizeInBytes || length > packet.Length || (packet[0] & VersionMask) != RtpVersion2)
        {
            throw new ArgumentException("Not an RTP packet.", nameof(packet));
        }

        if (!Carries(SequenceNumber(packet)))
        {
            return length;
        }

        if (packet.Length - length < SizeInBytes)
        {
            throw new ArgumentException("There is no room for the trailer.", nameof(packet));
        }

        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], rolloverCounter);
        return length + SizeInBytes;
    }

    /// <summary>
    /// Takes the trailer off a packet as received. False unless it has the size of an RTP packet with what it must carry.
    /// </summary>
    /// <param name="packet">The packet as received.</param>
    /// <param name="length">The length of the SRTP packet without trailer.</param>
    /// <param name="rolloverCounter">
    /// The counter, or null if this packet carries none. To be believed only once the packet opened under it: a receiver takes it
    /// over after that, never before (RFC 4771 §2).
    /// </param>
    public bool TryRemove(ReadOnlySpan<byte> packet, out int length, out uint? rolloverCounter)
    {
        length = 0;
        rolloverCounter = null;
        if (packet.Length < HeaderSizeInBytes || (packet[0] & VersionMask) != RtpVersion2)
        {
            return false;
        }

        if (!Carries(SequenceNumber(packet)))
        {
            length = packet.Length;
            return true;
        }

        if (packet.Length < HeaderSizeInBytes + SizeInBytes)
        {
            return false;
        }

        length = packet.Length - SizeInBytes;
        rolloverCounter = BinaryPrimitives.ReadUInt32BigEndian(packet[length..]);
        return true;
    }

    private static ushort SequenceNumber(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt16BigEndian(packet[SequenceNumberOffset..]);
}

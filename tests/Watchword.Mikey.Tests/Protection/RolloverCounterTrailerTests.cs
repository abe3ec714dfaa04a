using System.Buffers.Binary;
using CsCheck;

namespace Watchword.Mikey.Tests.Protection;

/// <summary>RFC 4771 §2, mode 3: TAG = ROC where SEQ = 0 mod R, and no tag elsewhere.</summary>
public sealed class RolloverCounterTrailerTests
{
    [Fact]
    public void The_counter_stands_in_the_last_four_octets_of_every_Rth_packet() =>
        Gen.Select(Gen.UShort, Gen.UInt, Gen.Int[1, 65535], Gen.Byte.Array[0, 60]).Sample((sequence, counter, rate, body) =>
        {
            RolloverCounterTrailer trailer = new(rate);
            byte[] packet = Packet(sequence, body), buffer = [.. packet, 0xEE, 0xEE, 0xEE, 0xEE];
            int length = trailer.Append(buffer, packet.Length, counter);

            byte[] expected = sequence % rate == 0
                ? [.. packet, (byte)(counter >> 24), (byte)(counter >> 16), (byte)(counter >> 8), (byte)counter]
                : packet;
            buffer[..length].ShouldBe(expected);
            trailer.TryRemove(buffer.AsSpan(0, length), out int without, out uint? read).ShouldBeTrue();
            without.ShouldBe(packet.Length);
            read.ShouldBe(sequence % rate == 0 ? counter : null);
        });

    [Fact]
    public void With_a_rate_of_one_every_packet_carries_it() =>
        Enumerable.Range(0, 65536).ShouldAllBe(sequence => new RolloverCounterTrailer(1).Carries((ushort)sequence));

    [Fact]
    public void What_is_no_RTP_packet_is_refused()
    {
        RolloverCounterTrailer trailer = new(1);
        byte[] packet = Packet(7, []);
        trailer.TryRemove(packet, out _, out _).ShouldBeFalse("there is no room for the counter");
        trailer.TryRemove(packet.AsSpan(0, 11), out _, out _).ShouldBeFalse();
        trailer.TryRemove([], out _, out _).ShouldBeFalse();
        trailer.TryRemove([0x40, .. packet.AsSpan(1), 0, 0, 0, 0], out _, out _).ShouldBeFalse("version 1");
        new RolloverCounterTrailer(2).TryRemove(packet, out int length, out uint? counter).ShouldBeTrue();
        (length, counter).ShouldBe((12, null));

        Should.Throw<ArgumentException>(() => trailer.Append(packet, 12, 0));
        Should.Throw<ArgumentException>(() => trailer.Append(new byte[20], 12, 0));
        Should.Throw<ArgumentException>(() => trailer.Append(packet, 11, 0));
        Should.Throw<ArgumentException>(() => trailer.Append(packet, 13, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => new RolloverCounterTrailer(0));
        Should.Throw<ArgumentOutOfRangeException>(() => new RolloverCounterTrailer(65536));
    }

    private static byte[] Packet(ushort sequence, byte[] body)
    {
        byte[] packet = [0x80, 0x60, 0, 0, .. new byte[8], .. body];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        return packet;
    }
}

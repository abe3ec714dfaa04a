using System.Buffers.Binary;

namespace Watchword.Mikey.Protection;

/// <summary>
/// GHASH (SP 800-38D §6.4): Y = (Y xor block) * H in GF(2^128) for each block. The field is written with its bits in reverse: the
/// first octet of a block holds the coefficients of x^0 to x^7, the highest bit first. A block is read as two big-endian words,
/// so the product of two blocks is the reversed product shifted down by one, which <see cref="Absorb"/> shifts back before it
/// reduces.
/// </summary>
internal ref struct Ghash<TMultiplication>
    where TMultiplication : struct, ICarrylessMultiplication
{
    public const int BlockSizeInBytes = 16;

    private readonly ulong _hashHigh;
    private readonly ulong _hashLow;
    private ulong _high;
    private ulong _low;

    public Ghash(ReadOnlySpan<byte> hashSubkey)
    {
        _hashHigh = BinaryPrimitives.ReadUInt64BigEndian(hashSubkey);
        _hashLow = BinaryPrimitives.ReadUInt64BigEndian(hashSubkey[8..]);
    }

    /// <summary>Takes in octets, the last block filled up with zeros.</summary>
    public void Update(ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= BlockSizeInBytes; octets = octets[BlockSizeInBytes..])
        {
            Absorb(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));
        }

        if (!octets.IsEmpty)
        {
            Span<byte> last = stackalloc byte[BlockSizeInBytes];
            last.Clear();
            octets.CopyTo(last);
            Absorb(BinaryPrimitives.ReadUInt64BigEndian(last), BinaryPrimitives.ReadUInt64BigEndian(last[8..]));
        }
    }

    /// <summary>Takes in the closing block of two lengths in octets, written in bits.</summary>
    public void UpdateLengths(long first, long second) => Absorb((ulong)first * 8, (ulong)second * 8);

    public readonly void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt64BigEndian(block, _high);
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], _low);
    }

    private void Absorb(ulong high, ulong low)
    {
        high ^= _high;
        low ^= _low;
        (ulong topHigh, ulong topLow) = TMultiplication.Multiply(high, _hashHigh);
        (ulong bottomHigh, ulong bottomLow) = TMultiplication.Multiply(low, _hashLow);
        // The two cross products at once: (a + b)(c + d) - ac - bd.
        (ulong crossHigh, ulong crossLow) = TMultiplication.Multiply(high ^ low, _hashHigh ^ _hashLow);
        crossHigh ^= topHigh ^ bottomHigh;
        crossLow ^= topLow ^ bottomLow;
        Reduce(topHigh, topLow ^ crossHigh, bottomHigh ^ crossLow, bottomLow);
    }

    /// <summary>
    /// The 256 bits shifted up by one, modulo 1 + x + x^2 + x^7 + x^128 (in reverse: shifts to the right by 1, 2 and 7).
    /// </summary>
    private void Reduce(ulong w3, ulong w2, ulong w1, ulong w0)
    {
        w3 = (w3 << 1) | (w2 >> 63);
        w2 = (w2 << 1) | (w1 >> 63);
        w1 = (w1 << 1) | (w0 >> 63);
        w0 <<= 1;

        w2 ^= w0 ^ (w0 >> 1) ^ (w0 >> 2) ^ (w0 >> 7);
        w1 ^= (w0 << 63) ^ (w0 << 62) ^ (w0 << 57);
        w3 ^= w1 ^ (w1 >> 1) ^ (w1 >> 2) ^ (w1 >> 7);
        w2 ^= (w1 << 63) ^ (w1 << 62) ^ (w1 << 57);
        _high = w3;
        _low = w2;
    }
}

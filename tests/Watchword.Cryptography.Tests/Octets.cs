using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Tests;

/// <summary>Big-endian octet strings, their integers, and generators of both that meet the limits often.</summary>
internal static class Octets
{
    public static BigInteger ToInteger(this ReadOnlySpan<byte> octets) => new(octets, isUnsigned: true, isBigEndian: true);

    public static BigInteger ToInteger(this byte[] octets) => ((ReadOnlySpan<byte>)octets).ToInteger();

    public static byte[] ToOctets(this BigInteger value, int size)
    {
        byte[] octets = new byte[size];
        byte[] shortest = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        shortest.CopyTo(octets, size - shortest.Length);
        return octets;
    }

    /// <summary>The integer as limbs, least significant first.</summary>
    public static ulong[] ToWords(this BigInteger value, int count)
    {
        ulong[] words = new ulong[count];
        Limbs.ReadBigEndian(value.ToOctets(8 * count), words);
        return words;
    }

    public static BigInteger Modulo(this BigInteger value, BigInteger modulus) => ((value % modulus) + modulus) % modulus;

    /// <summary>One of the values.</summary>
    public static Gen<T> Constants<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>Integers of exactly <paramref name="limbs"/> limbs, each limb random, zero, one, or all ones.</summary>
    public static Gen<BigInteger> Wide(int limbs) =>
        Gen.OneOf(Gen.ULong, Gen.Const(0UL), Gen.Const(1UL), Gen.Const(ulong.MaxValue)).Array[limbs].Select(words =>
            words.Aggregate(BigInteger.Zero, (value, word) => (value << 64) | word));

    /// <summary>Integers below the modulus: its limits, limb patterns, and random ones.</summary>
    public static Gen<BigInteger> Below(BigInteger modulus, int limbs) => Gen.OneOf(
        Constants<BigInteger>(0, 1, 2, modulus - 1, modulus - 2, (modulus - 1) / 2, ulong.MaxValue, BigInteger.One << 64),
        Wide(limbs).Select(value => value % modulus),
        Gen.Byte.Array[8 * limbs].Select(octets => octets.ToInteger() % modulus));
}

using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Tests.Arithmetic;

public sealed class LimbsTests
{
    private static readonly Gen<ulong> Words = Gen.OneOf(Gen.ULong, Octets.Constants(0UL, 1UL, ulong.MaxValue, ulong.MaxValue - 1));

    [Fact]
    public void Addition_carries() => Gen.Select(Words, Words, Gen.ULong[0, 1]).Sample((a, b, carry) =>
    {
        BigInteger expected = (BigInteger)a + b + carry;
        ulong sum = Limbs.AddWithCarry(a, b, ref carry);
        return ((BigInteger)carry << 64) + sum == expected;
    });

    [Fact]
    public void Subtraction_borrows() => Gen.Select(Words, Words, Gen.ULong[0, 1]).Sample((a, b, borrow) =>
    {
        BigInteger expected = (BigInteger)a - b - borrow;
        ulong difference = Limbs.SubtractWithBorrow(a, b, ref borrow);
        return difference - ((BigInteger)borrow << 64) == expected;
    });

    [Fact]
    public void Multiplication_never_exceeds_two_words() => Gen.Select(Words, Words, Words, Words).Sample((a, b, addend, carry) =>
    {
        BigInteger expected = ((BigInteger)a * b) + addend + carry;
        ulong low = Limbs.MultiplyAdd(a, b, addend, ref carry);
        return ((BigInteger)carry << 64) + low == expected;
    });

    [Fact]
    public void Comparison_agrees_with_integers() => Gen.Select(Octets.Wide(4), Octets.Wide(4)).Sample((a, b) =>
    {
        ulong[] left = Words4(a);
        ulong[] right = Words4(b);
        return Limbs.IsLess(left, right).Reveal() == (a < b)
            && Limbs.AreEqual(left, right).Reveal() == (a == b)
            && Limbs.IsZero(left).Reveal() == a.IsZero;
    });

    [Fact]
    public void Octets_are_big_endian_and_come_back() => Octets.Wide(4).Sample(value =>
    {
        byte[] octets = new byte[32];
        Limbs.WriteBigEndian(Words4(value), octets);
        return octets.ToInteger() == value;
    });

    private static ulong[] Words4(BigInteger value)
    {
        ulong[] words = new ulong[4];
        Limbs.ReadBigEndian(value.ToOctets(32), words);
        return words;
    }
}

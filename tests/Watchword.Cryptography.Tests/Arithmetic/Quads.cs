using System.Numerics;
using System.Runtime.Intrinsics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Arithmetic;

/// <summary>Quads by their digits and integers, and generators of digits that meet the limits.</summary>
internal static class Quads
{
    public const int Count = Quad1024.DigitCount;

    /// <summary>The largest digit of a plain number.</summary>
    public const long Limit = (1L << 46) + (1L << 7);

    public static BigInteger Prime { get; } = ResidueLaws<UInt1024, SakkePrime>.Modulus;

    public static QuadModulus Modulus { get; } = new(SakkePrime.Value, SakkePrime.RSquared, SakkePrime.NegativeInverse);

    public static Quad1024 FromDigits(params ReadOnlySpan<long[]> lanes)
    {
        Quad1024 quad = default;
        for (int i = 0; i < Count; i++)
        {
            quad[i] = Vector256.Create((double)lanes[0][i], lanes[1][i], lanes[2][i], lanes[3][i]);
        }

        return quad;
    }

    /// <summary>The digits of a lane; every one is an integer.</summary>
    public static long[] Digits(in Quad1024 quad, int lane)
    {
        long[] digits = new long[Count];
        for (int i = 0; i < Count; i++)
        {
            double digit = quad[i].GetElement(lane);
            digits[i] = (long)digit;
            (digits[i] == digit).ShouldBeTrue($"digit {i} is {digit}");
        }

        return digits;
    }

    public static BigInteger Value(ReadOnlySpan<long> digits)
    {
        BigInteger value = 0;
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            value = (value << Quad1024.DigitBits) + digits[i];
        }

        return value;
    }

    public static BigInteger Value(in Quad1024 quad, int lane) => Value(Digits(quad, lane));

    public static void ShouldBePlain(long[] digits)
    {
        foreach (long digit in digits)
        {
            Math.Abs(digit).ShouldBeLessThanOrEqualTo(Limit);
        }
    }

    /// <summary>
    /// Digits of a number of the bound: all at the limit with signs that are equal, alternate or are random, the same with a
    /// single other digit, powers of two, few digits, random ones.
    /// </summary>
    public static Gen<long[]> OfBound(int bound, long topLimit = 1L << 37)
    {
        long limit = bound * Limit;
        Gen<long> sign = Octets.Constants(1L, -1L);
        Gen<long[]> extreme = Gen.OneOf(
            sign.Select(one => Filled(_ => one * limit)),
            sign.Select(one => Filled(i => (i & 1) == 0 ? one * limit : -one * limit)),
            sign.Array[Count].Select(signs => Filled(i => signs[i] * limit)));
        Gen<long[]> digits = Gen.OneOf(
            extreme,
            Gen.Select(extreme, Gen.Int[0, Count - 1], Gen.Long[-limit, limit]).Select((all, index, other) =>
            {
                all[index] = other;
                return all;
            }),
            Gen.Select(sign, Gen.Int[0, 46]).Array[Count].Select(powers => Filled(i => powers[i].Item1 << powers[i].Item2)),
            Gen.OneOf(Gen.Const(0L), Gen.Const(0L), sign, Gen.Const(limit), Gen.Const(-limit)).Array[Count],
            Gen.Long[limit - 1000, limit].Array[Count],
            Gen.Long[-limit, limit].Array[Count],
            Gen.Long[-limit, limit].Array[Count]);
        return digits.Select(all =>
        {
            all[^1] = Math.Clamp(all[^1], -bound * topLimit, bound * topLimit);
            return all;
        });
    }

    public static long[] Filled(Func<int, long> digit) => [.. Enumerable.Range(0, Count).Select(digit)];
}

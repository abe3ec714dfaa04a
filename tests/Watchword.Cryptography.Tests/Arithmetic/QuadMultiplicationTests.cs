using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Tests.Arithmetic;

/// <summary>Both ways to multiply four numbers at once against integers of the platform, at the limits of the digits.</summary>
public sealed class QuadMultiplicationTests
{
    private const long Half = 1L << 47;

    /// <summary>What sums of carried numbers reach: 2^1028.5, thirty times the plain limit.</summary>
    private const long CarriedTop = 1L << 41;

    private delegate void Multiplication(in Quad1024 left, in Quad1024 right, QuadModulus modulus, out Quad1024 product);

    private delegate void SumOfProducts(
        in Quad1024 a, in Quad1024 b, in Quad1024 c, in Quad1024 d, QuadModulus modulus, out Quad1024 sum);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public void A_product_with_vectors_is_plain_and_right(int leftBound, int rightBound)
    {
        Assert.SkipUnless(ArithmeticPath.ProcessorHasVectors, "This processor has no fused multiply-add on vectors.");
        Check(QuadMultiplication.Multiply, leftBound, rightBound, 1L << 37, iterations: 400, Signed);
        Check(QuadMultiplication.Multiply, leftBound, rightBound, CarriedTop, iterations: 400, Signed);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public void A_portable_product_is_plain_and_right(int leftBound, int rightBound) =>
        Check(QuadPortable.Multiply, leftBound, rightBound, 1L << 37, iterations: 60, value => value >= 0 && value < Quads.Prime);

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 2, 1, 1)]
    [InlineData(1, 1, 2, 1)]
    [InlineData(1, 1, 1, 2)]
    public void A_sum_of_products_with_vectors_is_plain_and_right(int a, int b, int c, int d)
    {
        Assert.SkipUnless(ArithmeticPath.ProcessorHasVectors, "This processor has no fused multiply-add on vectors.");
        Check(QuadMultiplication.MultiplyAdd, a, b, c, d, 1L << 37, iterations: 300, Signed);
        Check(QuadMultiplication.MultiplyAdd, a, b, c, d, CarriedTop, iterations: 300, Signed);
    }

    [Theory]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 1, 1, 2)]
    public void A_portable_sum_of_products_is_plain_and_right(int a, int b, int c, int d) =>
        Check(QuadPortable.MultiplyAdd, a, b, c, d, 1L << 37, iterations: 60, Signed);

    /// <summary>Every digit product leaves nearly 2^47, half of what is rounded to, with one sign, or 2^47 itself.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public void Remainders_of_one_sign_add_up_exactly(int leftBound, int rightBound)
    {
        Assert.SkipUnless(ArithmeticPath.ProcessorHasVectors, "This processor has no fused multiply-add on vectors.");
        foreach (long remainder in new[] { Half - 1, 1 - Half, Half - 3, 0 })
        {
            (long a, long b) = DigitsOfRemainder(remainder, leftBound * Quads.Limit, rightBound * Quads.Limit);
            long[] left = Quads.Filled(i => i == Quads.Count - 1 ? Math.Sign(a) * (1L << 37) : a);
            long[] right = Quads.Filled(i => i == Quads.Count - 1 ? Math.Sign(b) * (1L << 37) : b);
            Verify(
                QuadMultiplication.Multiply, [left, Negative(left), left, Negative(left)],
                [right, right, right, Negative(right)], Signed);
        }

        // Ties: the remainder is 2^47, and the rounding alternates.
        long[] power = Quads.Filled(i => i == Quads.Count - 1 ? 1L << 36 : 1L << 46);
        foreach (long small in new[] { 2L, 6, -2, 2 + (1L << 40) })
        {
            long[] other = Quads.Filled(i => i == Quads.Count - 1 ? 2 : small);
            Verify(
                QuadMultiplication.Multiply, [power, other, Negative(power), other], [other, power, other, Negative(power)],
                Signed);
        }
    }

    [Fact]
    public void Remainders_of_one_sign_add_up_exactly_in_a_sum_of_products()
    {
        Assert.SkipUnless(ArithmeticPath.ProcessorHasVectors, "This processor has no fused multiply-add on vectors.");
        foreach (long remainder in new[] { Half - 1, 1 - Half, Half - 3, 0 })
        {
            (long a, long b) = DigitsOfRemainder(remainder, 2 * Quads.Limit, Quads.Limit);
            (long c, long d) = DigitsOfRemainder(remainder, Quads.Limit, Quads.Limit);
            long[][] digits = [.. new[] { a, b, c, d }.Select(digit =>
                Quads.Filled(i => i == Quads.Count - 1 ? Math.Sign(digit) * (1L << 37) : digit))];
            long[][][] lanes = [.. digits.Select(all => Enumerable.Repeat(all, 4).ToArray())];
            Verify(QuadMultiplication.MultiplyAdd, lanes[0], lanes[1], lanes[2], lanes[3], Signed);
        }
    }

    [Fact]
    public void Both_ways_give_the_same_residues()
    {
        Assert.SkipUnless(ArithmeticPath.ProcessorHasVectors, "This processor has no fused multiply-add on vectors.");
        Gen.Select(Quads.OfBound(2).Array[4], Quads.OfBound(2).Array[4]).Sample(
            (left, right) =>
            {
                QuadMultiplication.Multiply(Quads.FromDigits(left), Quads.FromDigits(right), Quads.Modulus, out Quad1024 vectors);
                QuadPortable.Multiply(Quads.FromDigits(left), Quads.FromDigits(right), Quads.Modulus, out Quad1024 limbs);
                ulong[] one = new ulong[16];
                ulong[] other = new ulong[16];
                for (int lane = 0; lane < 4; lane++)
                {
                    QuadPortable.ReadLane(vectors, lane, Quads.Modulus, one);
                    QuadPortable.ReadLane(limbs, lane, Quads.Modulus, other);
                    one.ShouldBe(other);
                }
            },
            iter: 60);
    }

    [Fact]
    public void Residues_that_are_multiples_of_the_prime_or_near_it_come_out_right()
    {
        // 0, +-1 and +-p, 2p, p - 1 as digits: the quotient lies at a limit.
        ulong[] words = Quads.Prime.ToWords(16);
        double[] digits = new double[Quads.Count];
        QuadConversion.ToDigits(words, digits);
        long[] prime = [.. digits.Select(digit => (long)digit)];
        long[] one = Quads.Filled(i => i == 0 ? 1 : 0);
        long[] less = [.. prime];
        less[0]--;
        long[][] values = [prime, one, less, Negative(prime), Negative(one), Quads.Filled(_ => 0), [.. prime.Select(d => 2 * d)]];
        foreach (long[] left in values)
        {
            foreach (long[] right in values)
            {
                Verify(QuadPortable.Multiply, [left, one, left, right], [right, left, left, right], value => value >= 0);
                if (ArithmeticPath.ProcessorHasVectors)
                {
                    Verify(QuadMultiplication.Multiply, [left, one, left, right], [right, left, left, right], Signed);
                }
            }
        }
    }

    [Fact]
    public void A_result_may_lie_on_an_argument() => Gen.Select(Quads.OfBound(1).Array[4], Quads.OfBound(1).Array[4]).Sample(
        (left, right) =>
        {
            Multiplication[] ways = ArithmeticPath.ProcessorHasVectors
                ? [QuadPortable.Multiply, QuadMultiplication.Multiply] : [QuadPortable.Multiply];
            SumOfProducts[] sums = ArithmeticPath.ProcessorHasVectors
                ? [QuadPortable.MultiplyAdd, QuadMultiplication.MultiplyAdd] : [QuadPortable.MultiplyAdd];
            for (int way = 0; way < ways.Length; way++)
            {
                (Quad1024 a, Quad1024 b) = (Quads.FromDigits(left), Quads.FromDigits(right));
                ways[way](a, b, Quads.Modulus, out Quad1024 expected);
                ways[way](a, b, Quads.Modulus, out a);
                Same(a, expected);
                a = Quads.FromDigits(left);
                ways[way](a, b, Quads.Modulus, out b);
                Same(b, expected);
                ways[way](a, a, Quads.Modulus, out expected);
                ways[way](a, a, Quads.Modulus, out a);
                Same(a, expected);

                (a, b) = (Quads.FromDigits(left), Quads.FromDigits(right));
                sums[way](a, b, b, a, Quads.Modulus, out expected);
                sums[way](a, b, b, a, Quads.Modulus, out a);
                Same(a, expected);
            }
        },
        iter: 20);

    private static void Check(
        Multiplication multiply, int leftBound, int rightBound, long top, int iterations, Func<BigInteger, bool> inRange) =>
        Gen.Select(Quads.OfBound(leftBound, top).Array[4], Quads.OfBound(rightBound, top).Array[4]).Sample(
            (left, right) => Verify(multiply, left, right, inRange), iter: iterations);

    private static void Check(
        SumOfProducts multiply, int a, int b, int c, int d, long top, int iterations, Func<BigInteger, bool> inRange) =>
        Gen.Select(
            Quads.OfBound(a, top).Array[4], Quads.OfBound(b, top).Array[4], Quads.OfBound(c, top).Array[4],
            Quads.OfBound(d, top).Array[4]).Sample((w, x, y, z) => Verify(multiply, w, x, y, z, inRange), iter: iterations);

    private static void Verify(Multiplication multiply, long[][] left, long[][] right, Func<BigInteger, bool> inRange)
    {
        multiply(Quads.FromDigits(left), Quads.FromDigits(right), Quads.Modulus, out Quad1024 product);
        for (int lane = 0; lane < 4; lane++)
        {
            Verify(Quads.Digits(product, lane), Quads.Value(left[lane]) * Quads.Value(right[lane]), inRange);
        }
    }

    private static void Verify(
        SumOfProducts multiply, long[][] a, long[][] b, long[][] c, long[][] d, Func<BigInteger, bool> inRange)
    {
        multiply(
            Quads.FromDigits(a), Quads.FromDigits(b), Quads.FromDigits(c), Quads.FromDigits(d), Quads.Modulus, out Quad1024 sum);
        for (int lane = 0; lane < 4; lane++)
        {
            BigInteger expected = (Quads.Value(a[lane]) * Quads.Value(b[lane])) + (Quads.Value(c[lane]) * Quads.Value(d[lane]));
            Verify(Quads.Digits(sum, lane), expected, inRange);
        }
    }

    private static void Verify(long[] digits, BigInteger expected, Func<BigInteger, bool> inRange)
    {
        BigInteger value = Quads.Value(digits);
        ((value - expected) % Quads.Prime).IsZero.ShouldBeTrue("the residue is wrong");
        Quads.ShouldBePlain(digits);
        inRange(value).ShouldBeTrue($"{value} is out of range");
    }

    /// <summary>|value| below 0.75 p.</summary>
    private static bool Signed(BigInteger value) => 4 * BigInteger.Abs(value) < 3 * Quads.Prime;

    /// <summary>Two digits near their limits whose product is the remainder modulo 2^48; for 0, the limits.</summary>
    private static (long A, long B) DigitsOfRemainder(long remainder, long leftLimit, long rightLimit)
    {
        if (remainder == 0)
        {
            return (leftLimit, rightLimit);
        }

        // The most of the limit that a residue modulo 2^48 can reach.
        const ulong mask = (2UL << 47) - 1;
        long large = Math.Min(rightLimit, 1L << 47);
        for (long a = (leftLimit - 1) | 1; a > 0; a -= 2)
        {
            ulong inverse = 1;
            for (int i = 0; i < 6; i++)
            {
                inverse *= 2 - ((ulong)a * inverse); // Newton's iteration for 1/a modulo 2^64.
            }

            long b = (long)(((ulong)remainder * inverse) & mask);
            b -= b > rightLimit ? 1L << 48 : 0;
            if (Math.Abs(b) <= rightLimit && Math.Abs(b) > large - (large >> 6))
            {
                return (a, b);
            }
        }

        throw new InvalidOperationException("There are many such digits.");
    }

    private static long[] Negative(long[] digits) => [.. digits.Select(digit => -digit)];

    private static void Same(in Quad1024 left, in Quad1024 right)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            Quads.Digits(left, lane).ShouldBe(Quads.Digits(right, lane));
        }
    }
}

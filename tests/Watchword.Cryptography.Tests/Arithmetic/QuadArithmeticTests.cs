using System.Numerics;
using System.Reflection;
using System.Runtime.Intrinsics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Arithmetic;

/// <summary>Sums, carries, moves between lanes and conversions, each against the same thing lane by lane.</summary>
public sealed class QuadArithmeticTests
{
    private static readonly Gen<long[][]> Wide = Quads.OfBound(16).Array[4];

    [Fact]
    public void Sums_differences_and_negatives_are_those_of_the_digits() =>
        Gen.Select(Wide, Wide, Gen.Int[0, 15]).Sample(
            (left, right, mask) =>
            {
                (Quad1024 a, Quad1024 b) = (Quads.FromDigits(left), Quads.FromDigits(right));
                QuadArithmetic.Add(a, b, out Quad1024 sum);
                QuadArithmetic.Subtract(a, b, out Quad1024 difference);
                Quad1024 negated = a;
                QuadArithmetic.Negate(SakkeQuadTests.Mask(mask), ref negated);
                for (int lane = 0; lane < 4; lane++)
                {
                    Quads.Digits(sum, lane).ShouldBe(Quads.Filled(i => left[lane][i] + right[lane][i]));
                    Quads.Digits(difference, lane).ShouldBe(Quads.Filled(i => left[lane][i] - right[lane][i]));
                    long sign = (mask >> lane & 1) == 1 ? -1 : 1;
                    Quads.Digits(negated, lane).ShouldBe(Quads.Filled(i => left[lane][i] * sign));
                }

                Same(In(left, right, QuadArithmetic.Add), sum);
                Same(In(left, right, QuadArithmetic.Subtract), difference);
                QuadArithmetic.Add(a, b, out a);
                Same(a, sum);
                QuadArithmetic.Subtract(a, b, out b);
                Same(b, Quads.FromDigits(left));
            },
            iter: 50);

    [Theory]
    [InlineData(1, -1, 16)]
    [InlineData(9, 3, 2)]
    [InlineData(3, -3, 4)]
    [InlineData(2, 0, 16)]
    [InlineData(-1, 0, 32)]
    [InlineData(4, -1, 6)]
    [InlineData(1, -8, 3)]
    [InlineData(16, 16, 1)]
    public void A_combination_is_right_carried_and_reduced(int a, int b, int bound) =>
        Gen.Select(Quads.OfBound(bound).Array[4], Quads.OfBound(bound).Array[4]).Sample(
            (left, right) =>
            {
                (Quad1024 x, Quad1024 y) = (Quads.FromDigits(left), Quads.FromDigits(right));
                QuadArithmetic.Combine(a, x, b, y, Quads.Modulus, out Quad1024 sum);
                for (int lane = 0; lane < 4; lane++)
                {
                    BigInteger expected = (a * Quads.Value(left[lane])) + (b * Quads.Value(right[lane]));
                    BigInteger value = Quads.Value(sum, lane);
                    ((value - expected) % Quads.Prime).IsZero.ShouldBeTrue();
                    (100 * BigInteger.Abs(value)).ShouldBeLessThan(51 * Quads.Prime);
                    Quads.ShouldBePlain(Quads.Digits(sum, lane));
                }

                Same(
                    In(left, right, (in Quad1024 p, in Quad1024 q, out Quad1024 r) =>
                        QuadArithmetic.Combine(a, p, b, q, Quads.Modulus, out r)),
                    sum);
                QuadArithmetic.Combine(a, x, b, y, Quads.Modulus, out y);
                Same(y, sum);
            },
            iter: 40);

    [Fact]
    public void Every_order_takes_the_lanes_that_its_name_says()
    {
        Type[] orders = typeof(LaneOrder).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic);
        orders.Length.ShouldBeGreaterThanOrEqualTo(8);
        MethodInfo check = typeof(QuadArithmeticTests)
            .GetMethod(nameof(CheckOrder), BindingFlags.NonPublic | BindingFlags.Static)!;
        foreach (Type order in orders)
        {
            check.MakeGenericMethod(order).Invoke(null, [order.Name]);
        }
    }

    [Fact]
    public void Packing_splitting_and_turning_move_whole_lanes()
    {
        Quad1024[] quads = [.. Enumerable.Range(0, 4).Select(Numbered)];
        QuadArithmetic.Pack(quads[0], quads[1], quads[2], quads[3], out Quad1024 packed);
        QuadArithmetic.Split(quads[1], out Quad1024 first, out Quad1024 second, out Quad1024 third, out Quad1024 fourth);
        Quad1024[] parts = [first, second, third, fourth];
        Quad1024[] turned = [.. quads];
        QuadArithmetic.Transpose(ref turned[0], ref turned[1], ref turned[2], ref turned[3]);
        for (int lane = 0; lane < 4; lane++)
        {
            Quads.Digits(packed, lane).ShouldBe(Quads.Digits(quads[lane], lane));
            for (int i = 0; i < 4; i++)
            {
                Quads.Digits(parts[i], lane).ShouldBe(Quads.Digits(quads[1], i));
                Quads.Digits(turned[i], lane).ShouldBe(Quads.Digits(quads[lane], i));
            }
        }
    }

    [Fact]
    public void Moves_may_overwrite_their_arguments()
    {
        for (int target = 0; target < 4; target++)
        {
            Quad1024[] quads = [.. Enumerable.Range(0, 4).Select(Numbered)];
            QuadArithmetic.Pack(quads[0], quads[1], quads[2], quads[3], out Quad1024 packed);
            QuadArithmetic.Pack(quads[0], quads[1], quads[2], quads[3], out quads[target]);
            Same(quads[target], packed);
        }

        Quad1024 value = Numbered(2);
        QuadArithmetic.Split(value, out value, out Quad1024 second, out Quad1024 third, out Quad1024 fourth);
        Quad1024[] parts = [value, second, third, fourth];
        for (int i = 0; i < 4; i++)
        {
            Quads.Digits(parts[i], 3).ShouldBe(Quads.Digits(Numbered(2), i));
        }

        value = Numbered(0);
        QuadArithmetic.Permute<LaneOrder.Order1230>(value, out value);
        Quads.Digits(value, 0).ShouldBe(Quads.Digits(Numbered(0), 1));
    }

    [Fact]
    public void A_selection_takes_the_lanes_of_its_mask()
    {
        for (int mask = 0; mask < 16; mask++)
        {
            Vector256<double> lanes = Mask(mask).AsDouble();
            QuadArithmetic.Select(lanes, Numbered(0), Numbered(1), out Quad1024 selected);
            Quad1024 set = Numbered(0);
            Quad1024 otherwise = Numbered(1);
            QuadArithmetic.Select(lanes, set, Numbered(1), out set);
            QuadArithmetic.Select(lanes, Numbered(0), otherwise, out otherwise);
            for (int lane = 0; lane < 4; lane++)
            {
                Quads.Digits(selected, lane).ShouldBe(Quads.Digits(Numbered((mask >> lane & 1) == 1 ? 0 : 1), lane));
            }

            Same(set, selected);
            Same(otherwise, selected);
        }

        LaneMask.Lane0.AsUInt64().ShouldBe(Mask(1));
        LaneMask.Lane1.AsUInt64().ShouldBe(Mask(2));
        LaneMask.Lane2.AsUInt64().ShouldBe(Mask(4));
        LaneMask.Lane3.AsUInt64().ShouldBe(Mask(8));
        LaneMask.Lanes12.AsUInt64().ShouldBe(Mask(6));
    }

    [Fact]
    public void Integers_become_digits_and_come_back() => Gen.OneOf(
        Octets.Constants<BigInteger>(
            0, 1, Quads.Prime - 1, Quads.Prime - 2, Quads.Prime, BigInteger.One << 1023, (BigInteger.One << 1023) - 1,
            (BigInteger.One << 1024) - 1, BigInteger.One << 46, (BigInteger.One << 46) + 1, (BigInteger.One << 1022) - 1),
        Octets.Wide(16),
        Gen.Int[0, 1023].Select(bits => BigInteger.One << bits),
        Gen.Int[0, 1023].Select(bits => (BigInteger.One << bits) - 1)).Sample(
        value =>
        {
            double[] digits = new double[Quads.Count];
            QuadConversion.ToDigits(value.ToWords(16), digits);
            long[] integers = [.. digits.Select(digit => (long)digit)];
            Quads.Value(integers).ShouldBe(value);
            integers.ShouldAllBe(digit => Math.Abs(digit) <= 1L << 46);
            Limbs(digits).ShouldBe((value % Quads.Prime).ToWords(16));
        },
        iter: 1000);

    [Fact]
    public void Digits_of_up_to_51_bits_become_limbs_below_the_modulus()
    {
        // 2^51 is thirty times a plain digit; the top digit keeps the number below 2^1030.
        const long limit = 1L << 51;
        const long top = (1L << 43) - 17;
        Gen<long> sign = Octets.Constants(1L, -1L);
        Gen.OneOf(
            Gen.Select(sign, sign).Select((low, high) => Quads.Filled(i => i < Quads.Count - 1 ? low * limit : high * top)),
            Gen.Select(
                Gen.OneOf(Gen.Long[-limit, limit], Gen.Const(limit), Gen.Const(-limit)).Array[Quads.Count],
                Gen.Long[-top, top]).Select((digits, high) =>
                {
                    digits[^1] = high;
                    return digits;
                }),
            Quads.OfBound(1),
            Gen.Int[-31, 31].Select(factor =>
            {
                double[] digits = new double[Quads.Count];
                QuadConversion.ToDigits(Quads.Prime.ToWords(16), digits);
                return (long[])[.. digits.Select(digit => factor * (long)digit)];
            })).Sample(
            digits => Limbs([.. digits.Select(digit => (double)digit)])
                .ShouldBe(Quads.Value(digits).Modulo(Quads.Prime).ToWords(16)),
            iter: 1000);
    }

    [Fact]
    public void A_lane_is_written_and_read_without_its_neighbours()
    {
        for (int lane = 0; lane < 4; lane++)
        {
            Quad1024 quad = Numbered(3);
            QuadPortable.WriteLane(ref quad, lane, (Quads.Prime - 5).ToWords(16));
            ulong[] words = new ulong[16];
            QuadPortable.ReadLane(quad, lane, Quads.Modulus, words);
            words.ShouldBe((Quads.Prime - 5).ToWords(16));
            for (int other = 0; other < 4; other++)
            {
                if (other != lane)
                {
                    Quads.Digits(quad, other).ShouldBe(Quads.Digits(Numbered(3), other));
                }
            }
        }
    }

    [Fact]
    public void The_folded_powers_are_the_nearest_residues()
    {
        for (int row = 0; row < QuadModulus.Rows; row++)
        {
            ReadOnlySpan<double> digits = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(
                in System.Runtime.CompilerServices.Unsafe.Add(ref Quads.Modulus.Folds, row * Quads.Count), Quads.Count);
            long[] integers = new long[Quads.Count];
            for (int i = 0; i < Quads.Count; i++)
            {
                integers[i] = (long)digits[i];
            }

            BigInteger value = Quads.Value(integers);
            integers.ShouldAllBe(digit => Math.Abs(digit) <= 1L << 46);
            if (row == Quads.Count)
            {
                value.ShouldBe(-Quads.Prime);
            }
            else
            {
                value.Modulo(Quads.Prime).ShouldBe((BigInteger.One << (47 * (Quads.Count + row))) % Quads.Prime);
                (2 * BigInteger.Abs(value)).ShouldBeLessThan(Quads.Prime);
            }
        }
    }

    private delegate void Binary(in Quad1024 left, in Quad1024 right, out Quad1024 result);

    private static void CheckOrder<TOrder>(string name)
        where TOrder : struct, ILaneOrder
    {
        QuadArithmetic.Permute<TOrder>(Numbered(7), out Quad1024 permuted);
        for (int lane = 0; lane < 4; lane++)
        {
            int source = name["Order".Length + lane] - '0';
            Quads.Digits(permuted, lane).ShouldBe(Quads.Digits(Numbered(7), source), name);
        }
    }

    /// <summary>The result where it lies on the left argument, after it lay on both.</summary>
    private static Quad1024 In(long[][] left, long[][] right, Binary operation)
    {
        Quad1024 a = Quads.FromDigits(left);
        operation(a, a, out Quad1024 twice);
        operation(a, a, out a);
        Same(a, twice);
        a = Quads.FromDigits(left);
        operation(a, Quads.FromDigits(right), out a);
        return a;
    }

    /// <summary>Every digit of every lane is another number.</summary>
    private static Quad1024 Numbered(int number) => Quads.FromDigits(
        [.. Enumerable.Range(0, 4).Select(lane => Quads.Filled(i => (1000 * number) + (100 * lane) + i))]);

    private static Vector256<ulong> Mask(int lanes) => Vector256.Create(
        0UL - ((ulong)lanes & 1), 0UL - ((ulong)lanes >> 1 & 1), 0UL - ((ulong)lanes >> 2 & 1), 0UL - ((ulong)lanes >> 3 & 1));

    private static ulong[] Limbs(double[] digits)
    {
        ulong[] limbs = new ulong[16];
        QuadConversion.ToLimbs(digits, Quads.Modulus.Limbs, limbs);
        return limbs;
    }

    private static void Same(in Quad1024 left, in Quad1024 right)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            Quads.Digits(left, lane).ShouldBe(Quads.Digits(right, lane));
        }
    }
}

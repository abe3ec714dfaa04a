using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

/// <summary>Four points at a time against one at a time, exceptional cases included.</summary>
public sealed class P256LaneTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt256, P256Order>.Modulus;

    private static readonly Gen<BigInteger> Scalars = Gen.OneOf(
        Octets.Constants<BigInteger>(0, 1, 2, 3, Order - 1, Order - 2, (Order + 1) / 2, (Order - 1) / 2),
        Gen.Int[0, 255].Select(shift => (BigInteger.One << shift) % Order),
        ResidueLaws<UInt256, P256Order>.Values);

    [Fact]
    public void The_formulas_are_those_of_single_points() => Gen.Select(Scalars.Array[4], Scalars.Array[4]).Sample(
        (a, b) =>
        {
            // Equal and opposite points, and infinity, come from the generator; two lanes have them for certain.
            b[1] = a[1];
            b[2] = (Order - a[2]) % Order;
            P256QuadPoint left = Quad(a);
            P256QuadPoint right = Quad(b);
            P256QuadPoint sum = left;
            P256LaneGroup.Add(ref sum, right);
            P256QuadPoint doubled = left;
            P256LaneGroup.Double(ref doubled);
            P256QuadPoint negative = left;
            P256LaneGroup.Negate(ref negative);
            P256QuadPoint all = left;
            P256LaneGroup.SumLanes(ref all);
            for (int lane = 0; lane < 4; lane++)
            {
                Same(sum.GetLane(lane), Multiple(a[lane] + b[lane]));
                Same(doubled.GetLane(lane), Multiple(2 * a[lane]));
                Same(negative.GetLane(lane), Multiple(-a[lane]));
                Same(all.GetLane(lane), Multiple(a[0] + a[1] + a[2] + a[3]));
            }
        },
        iter: 100);

    [Fact]
    public void Entries_are_added_also_to_themselves_and_to_infinity() => Gen.Select(Scalars.Array[4], Scalars.Array[4]).Sample(
        (a, b) =>
        {
            for (int lane = 0; lane < 4; lane++)
            {
                b[lane] = b[lane].IsZero ? 1 : b[lane];
            }

            a[0] = b[0];
            a[1] = Order - b[1];
            a[2] = 0;
            P256QuadPoint[] points = [Quad(b)];
            P256QuadEntry[] entries = new P256QuadEntry[1];
            P256LaneGroup.ToEntriesVarTime(points, entries);
            P256QuadPoint sum = Quad(a);
            P256QuadPoint distinct = sum;
            P256LaneGroup.AddEntry(ref sum, entries[0]);
            P256LaneGroup.AddDistinctEntry(ref distinct, entries[0]);
            P256LaneGroup.FromEntry(entries[0], out P256QuadPoint same);
            for (int lane = 0; lane < 4; lane++)
            {
                Same(sum.GetLane(lane), Multiple(a[lane] + b[lane]));
                Same(same.GetLane(lane), Multiple(b[lane]));
                if (!a[lane].IsZero && a[lane] != b[lane] && a[lane] + b[lane] != Order)
                {
                    Same(distinct.GetLane(lane), Multiple(a[lane] + b[lane]));
                }
                else
                {
                    distinct.GetLane(lane).Z.IsZero().Reveal().ShouldBeTrue();
                }
            }
        },
        iter: 100);

    [Fact]
    public void Long_chains_stay_right() => Gen.Select(Scalars.Array[4], Scalars.Array[4]).Sample(
        (a, b) =>
        {
            // Sizes and bounds settle at their limits.
            P256QuadPoint sum = Quad(a);
            P256QuadPoint addend = Quad(b);
            BigInteger[] expected = [.. a];
            for (int i = 0; i < 50; i++)
            {
                P256LaneGroup.Double(ref sum);
                P256LaneGroup.Add(ref sum, addend);
                expected = [.. expected.Select((value, lane) => ((2 * value) + b[lane]) % Order)];
            }

            for (int lane = 0; lane < 4; lane++)
            {
                Same(sum.GetLane(lane), Multiple(expected[lane]));
            }
        },
        iter: 20);

    [Fact]
    public void The_comb_multiplies_by_every_scalar() => Scalars.Sample(
        scalar =>
        {
            P256.GeneratorComb.Multiply(Words(scalar), out P256QuadPoint product);
            P256Point expected = Multiple(scalar);
            Same(product.GetLane(0), expected);
            Same(product.GetLane(3), expected);
        },
        iter: 300);

    [Fact]
    public void Combs_of_public_scalars_give_the_same() => Gen.Select(Scalars, Scalars, Gen.Int[1, 4]).Sample(
        (scalar, other, columns) =>
        {
            P256Comb comb = new(P256QuadPoint.Broadcast(Multiple(11)), P256Order.Value, columns);
            comb.MultiplyVarTime(Words(scalar), out P256QuadPoint sum);
            P256.GeneratorComb.AddVarTime(Words(other), ref sum);
            P256LaneGroup.SumLanes(ref sum);
            Same(sum.GetLane(0), Multiple((11 * scalar) + other));
        },
        iter: 40);

    [Fact]
    public void Points_met_for_the_first_time_multiply_by_every_scalar() => Gen.Select(
        Gen.OneOf(Scalars, Gen.Int[1, 40].Select(i => Order - i), Gen.Int[0, 70].Select(i => new BigInteger(i))),
        Gen.OneOf(Octets.Constants<BigInteger>(1, Order - 1), Scalars.Where(k => !k.IsZero))).Sample(
        (scalar, factor) =>
        {
            byte[] octets = new byte[P256Point.SizeInBytes];
            Multiple(factor).Encode(octets);
            P256Point.TryDecode(octets, out P256Point basis).ShouldBeTrue();
            P256VarTime.Multiply(basis, Words(scalar), out P256QuadPoint product);
            Same(product.GetLane(0), Multiple(scalar * factor));
            for (int lane = 1; lane < 4; lane++)
            {
                product.GetLane(lane).IsIdentity().Reveal().ShouldBeTrue();
            }
        },
        iter: 300);

    [Fact]
    public void Scalars_split_into_two_of_half_the_length() => Scalars.Where(scalar => !scalar.IsZero).Sample(
        scalar =>
        {
            bool negative = P256HalfScalars.SplitVarTime(Words(scalar), out UInt128 numerator, out UInt128 denominator);
            denominator.ShouldNotBe(UInt128.Zero);
            BigInteger product = denominator * scalar;
            ((negative ? product + numerator : product - numerator) % Order).IsZero.ShouldBeTrue();
        },
        iter: 20_000);

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 2)]
    public void Sums_of_many_points_are_right(int quads, int words) => Gen.Select(
        Scalars.Array[4 * quads], Octets.Wide(words).Select(scalar => scalar | 1).Array[4 * quads]).Sample(
        (factors, scalars) =>
        {
            P256QuadPoint[] points = [.. factors.Chunk(4).Select(Quad)];
            ulong[] limbs = [.. scalars.SelectMany(scalar => Limbs(scalar, words))];
            P256Straus.MultiplyVarTime(
                points, limbs, words, new P256QuadPoint[quads * P256Straus.MultipleCount], out P256QuadPoint sum);
            for (int lane = 0; lane < 4; lane++)
            {
                BigInteger expected = Enumerable.Range(0, quads)
                    .Aggregate(BigInteger.Zero, (total, i) => total + (factors[(4 * i) + lane] * scalars[(4 * i) + lane]));
                Same(sum.GetLane(lane), Multiple(expected));
            }
        },
        iter: 40);

    private static P256QuadPoint Quad(BigInteger[] scalars)
    {
        P256QuadPoint quad = default;
        for (int lane = 0; lane < 4; lane++)
        {
            quad.SetLane(lane, Multiple(scalars[lane]));
        }

        return quad;
    }

    private static P256Point Multiple(BigInteger scalar) =>
        VarTimeMultiplication.Multiply(P256.Generator, Words(scalar.Modulo(Order)));

    private static ulong[] Words(BigInteger scalar) => Limbs(scalar, 4);

    private static ulong[] Limbs(BigInteger scalar, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (ulong)((scalar >> (64 * i)) & ulong.MaxValue))];

    private static void Same(P256Point left, P256Point right)
    {
        left.IsOnCurve().Reveal().ShouldBeTrue();
        P256Point.AreEqual(left, right).Reveal().ShouldBeTrue();
    }
}

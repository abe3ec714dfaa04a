using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

public sealed class SakkePointTests
{
    private static readonly BigInteger Prime = ResidueLaws<UInt1024, SakkePrime>.Modulus;

    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly AffineCurve Curve = new(Prime, 0);

    private static readonly Gen<BigInteger> Scalars = ResidueLaws<UInt1024, SakkeOrder>.Values;

    private static readonly SakkePoint Order2 = Point((0, 0));

    private static readonly SakkePoint Order4 = Point(PointOfOrder4());

    [Fact]
    public void The_group_laws_hold() => Gen.Select(Scalars, Scalars).Sample(
        (a, b) =>
        {
            (SakkePoint x, SakkePoint y) = (Multiple(a), Multiple(b));
            Same(x + y, y + x);
            Same(x + y, Multiple((a + b) % Order));
            Same(x + x, x.Double());
            Same(x + -x, SakkePoint.Identity);
            Same(x + SakkePoint.Identity, x);
            Same((x + y) + x, x.Double() + y);
            (x + y).IsOnCurve().Reveal().ShouldBeTrue();
        },
        iter: 10);

    [Fact]
    public void Addition_and_doubling_agree_with_the_school_book()
    {
        (BigInteger X, BigInteger Y)? expected = null;
        SakkePoint sum = SakkePoint.Identity;
        for (int i = 0; i < 40; i++)
        {
            expected = i % 3 == 2 ? Curve.Add(expected, expected) : Curve.Add(expected, Affine(SakkeCurve.Generator));
            sum = i % 3 == 2 ? sum.Double() : sum + SakkeCurve.Generator;
            Affine(sum).ShouldBe(expected!.Value);
        }
    }

    [Fact]
    public void Every_way_to_multiply_gives_the_same() => Gen.Select(Scalars, Scalars).Sample(
        (a, b) =>
        {
            SakkePoint basis = SakkeCurve.Generator.Double() + SakkeCurve.Generator;
            ulong[] first = Words(a);
            ulong[] second = Words(b);
            SakkeComb comb = SakkeCurve.CreateComb(basis);
            SakkePoint product = VarTimeMultiplication.Multiply(basis, first);
            comb.Multiply(first, out SakkeQuadPoint lanes);
            Same(lanes.GetLane(0), product);
            SakkeCurve.CreateComb(basis, columns: 13).Multiply(first, out lanes);
            Same(lanes.GetLane(3), product);
            Same(product, Multiple(3 * a % Order));
            SakkePoint sum = product + VarTimeMultiplication.Multiply(SakkeCurve.Generator, second);
            comb.MultiplyAdd(first, SakkeCurve.GeneratorComb, second, out lanes);
            Same(lanes.GetLane(1), sum);
            Same(sum, Multiple(((3 * a) + b) % Order));
        },
        iter: 5);

    [Fact]
    public void Multiples_by_short_integers_are_right()
    {
        byte[][] edges = [[], [0], [1], [2], [3], [255], [1, 0], new byte[32], [.. Enumerable.Repeat((byte)0xFF, 32)], [0x80, .. new byte[31]]];
        foreach (byte[] octets in edges)
        {
            Same(SakkeCurve.MultiplyGeneratorVarTime(octets), Multiple(octets.ToInteger()));
        }

        Gen.Byte.Array[0, 32].Sample(
            octets => Same(SakkeCurve.MultiplyGeneratorVarTime(octets), Multiple(octets.ToInteger())), iter: 50);
    }

    [Fact]
    public void Only_the_subgroup_of_order_q_passes_the_order_check()
    {
        SakkePoint good = Multiple(12345);
        good.HasOrderQVarTime().ShouldBeTrue();
        (-good).HasOrderQVarTime().ShouldBeTrue();
        foreach (SakkePoint torsion in new[] { Order2, Order4, -Order4 })
        {
            torsion.IsOnCurve().Reveal().ShouldBeTrue();
            torsion.HasOrderQVarTime().ShouldBeFalse();
            Sum(good, torsion).HasOrderQVarTime().ShouldBeFalse();
        }
    }

    [Fact]
    public void An_addition_that_meets_the_exceptional_case_gives_no_point()
    {
        // The difference of the two is (0, 0): the formulas give (0 : 0 : 0), which nothing accepts and nothing repairs.
        SakkePoint good = Multiple(54321);
        SakkePoint nothing = Sum(good, Order2) + good;
        nothing.IsIdentity().Reveal().ShouldBeFalse();
        nothing.IsOnCurve().Reveal().ShouldBeFalse();
        (nothing.X.IsZero() & nothing.Y.IsZero() & nothing.Z.IsZero()).Reveal().ShouldBeTrue();
        (nothing + good).IsOnCurve().Reveal().ShouldBeFalse();
        nothing.Double().IsOnCurve().Reveal().ShouldBeFalse();
        (Order2 + SakkePoint.Identity).IsOnCurve().Reveal().ShouldBeFalse();
    }

    [Fact]
    public void Doubling_is_right_on_the_whole_curve()
    {
        Same(Order4.Double(), Order2);
        Same(Order2.Double(), SakkePoint.Identity);
        Same(SakkePoint.Identity.Double(), SakkePoint.Identity);
    }

    [Fact]
    public void Infinity_has_no_encoding_and_equals_only_itself()
    {
        SakkePoint.Identity.Encode(new byte[257]).Reveal().ShouldBeFalse();
        SakkePoint.AreEqual(SakkePoint.Identity, SakkeCurve.Generator).Reveal().ShouldBeFalse();
        Multiple(0).IsIdentity().Reveal().ShouldBeTrue();
        VarTimeMultiplication.Multiply(SakkeCurve.Generator, SakkeOrder.Value).IsIdentity().Reveal().ShouldBeTrue();
    }

    internal static SakkePoint Multiple(BigInteger scalar) =>
        SakkeCurve.MultiplyGenerator(ResidueLaws<UInt1024, SakkeOrder>.Element(scalar));

    internal static (BigInteger X, BigInteger Y) Affine(SakkePoint point)
    {
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        point.Encode(octets).Reveal().ShouldBeTrue();
        return (octets[1..129].ToInteger(), octets[129..].ToInteger());
    }

    internal static SakkePoint Point((BigInteger X, BigInteger Y) point)
    {
        SakkePoint.TryDecode(AffineCurve.Encode(point, 128), out SakkePoint decoded).ShouldBeTrue();
        return decoded;
    }

    /// <summary>Where the tangent passes through (0, 0): x² = -3.</summary>
    internal static (BigInteger X, BigInteger Y) PointOfOrder4()
    {
        BigInteger root = BigInteger.ModPow(Prime - 3, (Prime + 1) / 4, Prime);
        foreach (BigInteger x in new[] { root, Prime - root })
        {
            BigInteger y = BigInteger.ModPow((x * ((x * x) - 3)).Modulo(Prime), (Prime + 1) / 4, Prime);
            if (Curve.Contains((x, y)))
            {
                return (x, y);
            }
        }

        throw new InvalidOperationException("The curve is cyclic of order 4q: there is such a point.");
    }

    internal static SakkePoint Sum(SakkePoint left, SakkePoint right) => Point(Curve.Add(Affine(left), Affine(right))!.Value);

    private static ulong[] Words(BigInteger scalar)
    {
        ulong[] words = new ulong[16];
        Limbs.ReadBigEndian(scalar.ToOctets(128), words);
        return words;
    }

    private static void Same(SakkePoint left, SakkePoint right) => SakkePoint.AreEqual(left, right).Reveal().ShouldBeTrue();
}

using System.Numerics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Tests.Curves;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Pairing;

public sealed class TatePairingTests
{
    private static readonly BigInteger Prime = ResidueLaws<UInt1024, SakkePrime>.Modulus;

    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly Gen<BigInteger> Scalars = ResidueLaws<UInt1024, SakkeOrder>.Values.Where(k => !k.IsZero);

    [Fact]
    public void It_is_bilinear_and_symmetric() => Gen.Select(Scalars, Scalars).Sample(
        (a, b) =>
        {
            SakkeAffinePoint left = SakkeAffinePoint.From(SakkePointTests.Multiple(a));
            SakkeAffinePoint right = SakkeAffinePoint.From(SakkePointTests.Multiple(b));
            TargetGroupElement value = TatePairing.Pair(left, right);
            Same(value, TatePairing.Pair(right, left));
            Same(value, Power(a * b % Order));
        },
        iter: 5);

    [Fact]
    public void It_is_additive_in_each_argument()
    {
        SakkePoint x = SakkePointTests.Multiple(1111);
        SakkePoint y = SakkePointTests.Multiple(2222);
        SakkeAffinePoint z = SakkeAffinePoint.From(SakkePointTests.Multiple(3333));
        TargetGroupElement sum = TatePairing.Pair(SakkeAffinePoint.From(x), z) + TatePairing.Pair(SakkeAffinePoint.From(y), z);
        Same(TatePairing.Pair(SakkeAffinePoint.From(x + y), z), sum);
        Same(TatePairing.Pair(z, SakkeAffinePoint.From(x + y)), sum);
    }

    [Fact]
    public void It_is_the_algorithm_of_the_RFC_step_by_step()
    {
        SakkePoint left = SakkePointTests.Multiple(Order / 3);
        SakkePoint right = SakkePointTests.Multiple(Order / 7);
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        TatePairing.Pair(SakkeAffinePoint.From(left), SakkeAffinePoint.From(right)).Encode(octets);
        octets.ToInteger().ShouldBe(PairAsInTheRfc(SakkePointTests.Affine(left), SakkePointTests.Affine(right)));
    }

    [Fact]
    public void A_power_has_order_q_and_equals_only_its_own_class()
    {
        Same(Power(0), TargetGroupElement.Identity);
        Same(Power(Order - 1) + SakkeTargetGroup.Generator, TargetGroupElement.Identity);
        TargetGroupElement.AreEqual(Power(2), Power(3)).Reveal().ShouldBeFalse();
        TargetGroupElement.AreEqual(default, default).Reveal().ShouldBeFalse("0 is no element");
        TargetGroupElement.AreEqual(default, Power(2)).Reveal().ShouldBeFalse();
    }

    [Fact]
    public void A_point_outside_the_subgroup_as_second_argument_does_no_harm()
    {
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        SakkeAffinePoint basis = SakkeAffinePoint.From(SakkeCurve.Generator);
        SakkeAffinePoint torsion = default;
        TatePairing.Pair(basis, torsion).Encode(octets);
        torsion = SakkeAffinePoint.From(SakkePointTests.Point(SakkePointTests.PointOfOrder4()));
        TargetGroupElement value = TatePairing.Pair(basis, torsion);
        TargetGroupElement.AreEqual(value, SakkeTargetGroup.Generator).Reveal().ShouldBeFalse();
    }

    [Fact]
    public void A_representative_decodes_and_encodes_with_its_leading_zeros()
    {
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        octets[^1] = 5;
        TargetGroupElement.Decode(octets, out TargetGroupElement element).Reveal().ShouldBeTrue();
        byte[] encoded = new byte[TargetGroupElement.SizeInBytes];
        element.Encode(encoded);
        encoded.ShouldBe(octets);
        TargetGroupElement.Decode(Prime.ToOctets(128), out _).Reveal().ShouldBeFalse();
    }

    /// <summary>RFC 6508 §3.2 with affine points: the bits of q - 1, no factor left out.</summary>
    private static BigInteger PairAsInTheRfc((BigInteger X, BigInteger Y) r, (BigInteger X, BigInteger Y) q)
    {
        AffineCurve curve = new(Prime, 0);
        (BigInteger Re, BigInteger Im) v = (1, 0);
        (BigInteger X, BigInteger Y) c = r;
        BigInteger exponent = Order - 1;
        for (int i = (int)exponent.GetBitLength() - 2; i >= 0; i--)
        {
            v = Multiply(Multiply(v, v), (
                (3 * ((c.X * c.X) - 1) * (q.X + c.X)) - (2 * c.Y * c.Y),
                2 * c.Y * q.Y));
            c = curve.Add(c, c)!.Value;
            if (((exponent >> i) & 1) == 1)
            {
                v = Multiply(v, (((q.X + r.X) * c.Y) - ((q.X + c.X) * r.Y), (c.X - r.X) * q.Y));
                c = curve.Add(c, r)!.Value;
            }
        }

        v = Multiply(v, v);
        v = Multiply(v, v);
        return (v.Im * curve.Invert(v.Re)).Modulo(Prime);
    }

    private static (BigInteger Re, BigInteger Im) Multiply((BigInteger Re, BigInteger Im) x, (BigInteger Re, BigInteger Im) y) =>
        (((x.Re * y.Re) - (x.Im * y.Im)).Modulo(Prime), ((x.Re * y.Im) + (x.Im * y.Re)).Modulo(Prime));

    private static TargetGroupElement Power(BigInteger exponent) =>
        SakkeTargetGroup.PowerOfGenerator(ResidueLaws<UInt1024, SakkeOrder>.Element(exponent));

    private static void Same(TargetGroupElement left, TargetGroupElement right) =>
        TargetGroupElement.AreEqual(left, right).Reveal().ShouldBeTrue();
}

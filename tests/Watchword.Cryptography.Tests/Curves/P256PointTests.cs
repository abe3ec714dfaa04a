using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Curves;

public sealed class P256PointTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt256, P256Order>.Modulus;

    private static readonly Gen<BigInteger> Scalars = ResidueLaws<UInt256, P256Order>.Values;

    [Fact]
    public void Multiples_of_the_base_point_are_those_of_the_platform() => Scalars.Where(k => !k.IsZero).Sample(
        scalar =>
        {
            using ECDsa reference = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar.ToOctets(32) });
            ECPoint expected = reference.ExportParameters(false).Q;
            return Encode(Multiple(scalar)).AsSpan().SequenceEqual((byte[])[4, .. expected.X!, .. expected.Y!]);
        },
        iter: 40);

    [Fact]
    public void The_group_laws_hold() => Gen.Select(Scalars, Scalars).Sample(
        (a, b) =>
        {
            (P256Point x, P256Point y) = (Multiple(a), Multiple(b));
            Same(x + y, y + x);
            Same(x + y, Multiple((a + b) % Order));
            Same(x + x, x.Double());
            Same(x + -x, P256Point.Identity);
            Same(x + P256Point.Identity, x);
            Same((x + y) + x, x.Double() + y);
            (x + y).IsOnCurve().Reveal().ShouldBeTrue();
        },
        iter: 40);

    [Fact]
    public void Infinity_behaves()
    {
        Same(P256Point.Identity.Double(), P256Point.Identity);
        Same(P256Point.Identity + P256Point.Identity, P256Point.Identity);
        Multiple(0).IsIdentity().Reveal().ShouldBeTrue();
        P256Point.Identity.IsOnCurve().Reveal().ShouldBeTrue();
        P256Point.Identity.Encode(new byte[65]).Reveal().ShouldBeFalse();
        default(P256Point).IsIdentity().Reveal().ShouldBeFalse();
        default(P256Point).IsOnCurve().Reveal().ShouldBeFalse();
        P256Point.AreEqual(P256Point.Identity, P256.Generator).Reveal().ShouldBeFalse();
        VarTimeMultiplication.Multiply(P256.Generator, P256Order.Value).IsIdentity().Reveal().ShouldBeTrue();
    }

    [Fact]
    public void Every_way_to_multiply_gives_the_same() => Gen.Select(Scalars, Scalars).Sample(
        (a, b) =>
        {
            P256Point basis = Multiple(7);
            ulong[] first = Words(a);
            ulong[] second = Words(b);
            P256Comb comb = P256.CreateComb(basis);
            P256Point product = VarTimeMultiplication.Multiply(basis, first);
            comb.Multiply(first, out P256QuadPoint lanes);
            Same(lanes.GetLane(0), product);
            Same(lanes.GetLane(3), product);
            Same(product, Multiple(7 * a % Order));
            P256Point sum = product + VarTimeMultiplication.Multiply(P256.Generator, second);
            comb.MultiplyAdd(first, P256.GeneratorComb, second, out lanes);
            Same(lanes.GetLane(2), sum);
            Same(sum, Multiple(((7 * a) + b) % Order));
        },
        iter: 30);

    private static P256Point Multiple(BigInteger scalar) => P256.MultiplyGenerator(ResidueLaws<UInt256, P256Order>.Element(scalar));

    private static ulong[] Words(BigInteger scalar)
    {
        ulong[] words = new ulong[4];
        Limbs.ReadBigEndian(scalar.ToOctets(32), words);
        return words;
    }

    private static byte[] Encode(P256Point point)
    {
        byte[] octets = new byte[P256Point.SizeInBytes];
        point.Encode(octets).Reveal().ShouldBeTrue();
        P256Point.TryDecode(octets, out P256Point decoded).ShouldBeTrue();
        Same(decoded, point);
        return octets;
    }

    private static void Same(P256Point left, P256Point right) => P256Point.AreEqual(left, right).Reveal().ShouldBeTrue();
}

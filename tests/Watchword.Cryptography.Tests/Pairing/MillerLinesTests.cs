using System.Numerics;
using System.Runtime.InteropServices;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Tests.Curves;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Pairing;

public sealed class MillerLinesTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;

    private static readonly Gen<BigInteger> Scalars = ResidueLaws<UInt1024, SakkeOrder>.Values.Where(k => !k.IsZero);

    [Fact]
    public void A_pairing_over_stored_lines_is_the_pairing() => Gen.Select(Scalars, Scalars.Array[3]).Sample(
        (a, others) =>
        {
            SakkeAffinePoint point = Affine(a);
            MillerLines.TryCreate(point, out MillerLines? lines).ShouldBeTrue();
            using (lines)
            {
                foreach (BigInteger b in others)
                {
                    TargetGroupElement value = TatePairing.Pair(lines!, Affine(b));
                    TargetGroupElement.AreEqual(value, TatePairing.Pair(point, Affine(b))).Reveal().ShouldBeTrue();
                    byte[] octets = new byte[TargetGroupElement.SizeInBytes];
                    byte[] expected = new byte[TargetGroupElement.SizeInBytes];
                    value.Encode(octets);
                    SakkeTargetGroup.PowerOfGenerator(ResidueLaws<UInt1024, SakkeOrder>.Element(a * b % Order)).Encode(expected);
                    octets.ShouldBe(expected);
                }
            }
        },
        iter: 8);

    [Fact]
    public void A_foreign_second_argument_gives_the_same_class_both_ways()
    {
        // What an attacker may send as R: points of order 2, 4, 2q and 4q.
        SakkeAffinePoint key = Affine(Order / 11);
        MillerLines.TryCreate(key, out MillerLines? lines).ShouldBeTrue();
        foreach (SakkeAffinePoint foreign in Foreign())
        {
            byte[] octets = new byte[TargetGroupElement.SizeInBytes];
            byte[] expected = new byte[TargetGroupElement.SizeInBytes];
            TatePairing.Pair(lines!, foreign).Encode(octets);
            TatePairing.Pair(key, foreign).Encode(expected);
            octets.ShouldBe(expected);
        }
    }

    [Fact]
    public void Only_a_point_of_order_q_has_lines()
    {
        SakkeAffinePoint evaluated = Affine(12345);
        foreach (SakkeAffinePoint foreign in Foreign())
        {
            MillerLines.TryCreate(foreign, out MillerLines? lines).ShouldBeFalse();
            lines.ShouldBeNull();
            MillerWalk.Run(foreign, evaluated, out _).Reveal().ShouldBeFalse();
        }

        foreach (BigInteger scalar in new[] { 1, 2, 3, Order - 1, Order - 2, (Order - 1) / 2, Order / 9 })
        {
            MillerLines.TryCreate(Affine(scalar), out MillerLines? lines).ShouldBeTrue();
            lines.ShouldNotBeNull().Dispose();
            MillerWalk.Run(Affine(scalar), evaluated, out _).Reveal().ShouldBeTrue();

            // The order is that of the accumulated point, whatever the evaluated one is.
            MillerWalk.Run(Affine(scalar), Foreign()[0], out _).Reveal().ShouldBeTrue();
        }
    }

    [Fact]
    public void Disposed_lines_are_zero()
    {
        MillerLines.TryCreate(Affine(777), out MillerLines? lines).ShouldBeTrue();
        Span<double> table = MemoryMarshal.CreateSpan(ref lines!.Step(0), MillerLines.SizeInBytes / sizeof(double));
        for (int step = 0; step < MillerSchedule.Digits.Length; step++)
        {
            table.Slice(step * QuadraticLanes.FactorPairLength, QuadraticLanes.FactorPairLength).ContainsAnyExcept(0.0)
                .ShouldBeTrue($"step {step} has lines");
        }

        lines.Dispose();
        table.ContainsAnyExcept(0.0).ShouldBeFalse();
    }

    [Fact]
    public void The_digits_are_those_of_q_less_1()
    {
        BigInteger value = 1;
        foreach (sbyte digit in MillerSchedule.Digits)
        {
            value = (2 * value) + digit;
        }

        value.ShouldBe(Order - 1);
        MillerSchedule.Lines.Length.ShouldBe(MillerSchedule.Digits.Length + MillerSchedule.Digits.Count(digit => digit != 0));
    }

    /// <summary>Points of order 2, 4, 4, 2q, 4q.</summary>
    internal static SakkeAffinePoint[] Foreign()
    {
        SakkePoint order2 = SakkePointTests.Point((0, 0));
        SakkePoint order4 = SakkePointTests.Point(SakkePointTests.PointOfOrder4());
        SakkePoint good = SakkePointTests.Multiple(4321);
        return
        [
            .. new[] { order2, order4, -order4, SakkePointTests.Sum(good, order2), SakkePointTests.Sum(good, order4) }
                .Select(point => SakkeAffinePoint.From(point)),
        ];
    }

    private static SakkeAffinePoint Affine(BigInteger scalar) => SakkeAffinePoint.From(SakkePointTests.Multiple(scalar));
}

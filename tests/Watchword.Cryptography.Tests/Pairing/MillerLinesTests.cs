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

    private static readonly BigInteger Prime = ResidueLaws<UInt1024, SakkePrime>.Modulus;

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
        Span<double> table = MemoryMarshal.CreateSpan(ref lines!.Chunk(0), MillerLines.SizeInBytes / sizeof(double));
        for (int chunk = 0; chunk < MillerSchedule.Chunks.Length; chunk++)
        {
            table.Slice(chunk * QuadraticLanes.FactorsLength, QuadraticLanes.FactorsLength).ContainsAnyExcept(0.0)
                .ShouldBeTrue($"chunk {chunk} has lines");
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

    [Fact]
    public void Chunks_cover_every_line_once_and_add_only_at_their_end()
    {
        int line = 0;
        foreach (MillerChunk chunk in MillerSchedule.Chunks)
        {
            chunk.FirstLine.ShouldBe(line);
            chunk.Doublings.ShouldBeInRange(1, 2);
            for (int i = 0; i < chunk.Doublings; i++)
            {
                MillerSchedule.Lines[line++].ShouldBe((sbyte)0);
            }

            if (chunk.Added != 0)
            {
                chunk.AddedLine.ShouldBe(line);
                MillerSchedule.Lines[line++].ShouldBe(chunk.Added);
            }
        }

        line.ShouldBe(MillerSchedule.Lines.Length);
    }

    [Fact]
    public void A_merged_function_is_the_square_of_the_first_line_times_the_second()
    {
        AffineCurve curve = new(Prime, 0);
        (BigInteger X, BigInteger Y)[] points =
            [.. Enumerable.Range(1, 4).Select(i => SakkePointTests.Affine(SakkePointTests.Multiple(97 * i)))];
        (BigInteger X, BigInteger Y) q = SakkePointTests.Affine(SakkePointTests.Multiple(12345));
        BigInteger[][] numbers = [.. points.Select(c =>
        {
            (BigInteger X, BigInteger Y) doubled = curve.Add(c, c)!.Value;
            (BigInteger slope, BigInteger second) = (Slope(c), Slope(doubled));
            return new[] { c.X, slope, ((slope * c.X) - c.Y).Modulo(Prime), second, ((second * doubled.X) - doubled.Y).Modulo(Prime) };
        })];
        MillerMerge merge = new()
        {
            Abscissa = Lanes(0), FirstSlope = Lanes(1), FirstIntercept = Lanes(2), SecondSlope = Lanes(3), SecondIntercept = Lanes(4),
        };
        merge.Compute();
        for (int lane = 0; lane < 4; lane++)
        {
            BigInteger[] n = numbers[lane];
            BigInteger u = (n[1] * q.X) + n[2];
            (BigInteger re, BigInteger im) = ((u * u) - (q.Y * q.Y), 2 * u * q.Y);
            u = (n[3] * q.X) + n[4];
            (re, im) = ((re * u) - (im * q.Y), (re * q.Y) + (im * u));
            BigInteger mergedRe = (Value(merge.A2, lane) * q.X * q.X) + (Value(merge.A1, lane) * q.X) + Value(merge.A0, lane);
            BigInteger mergedIm = (q.X + Value(merge.B0, lane)) * q.Y;
            ((re * mergedIm) - (im * mergedRe)).Modulo(Prime).ShouldBe(BigInteger.Zero, "they differ by a factor in F_p");
            mergedIm.Modulo(Prime).ShouldNotBe(BigInteger.Zero);
        }

        BigInteger Slope((BigInteger X, BigInteger Y) c) => (3 * ((c.X * c.X) - 1) * curve.Invert(2 * c.Y)).Modulo(Prime);
        SakkeQuad Lanes(int number) => SakkeQuadTests.Quad([.. numbers.Select(n => n[number])]);
        BigInteger Value(SakkeQuad quad, int lane) => ResidueLaws<UInt1024, SakkePrime>.Value(quad.GetLane(lane));
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

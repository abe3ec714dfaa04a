using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Tests.Fields;

/// <summary>The laws of the field in each of the four lanes, on the arithmetic path that this process takes.</summary>
public sealed class SakkeQuadTests
{
    private static readonly BigInteger Prime = ResidueLaws<UInt1024, SakkePrime>.Modulus;

    private static readonly Gen<BigInteger[]> Lanes = ResidueLaws<UInt1024, SakkePrime>.Values.Array[4];

    [Fact]
    public void Operations_agree_with_integers_in_every_lane() => Gen.Select(Lanes, Lanes).Sample(
        (a, b) =>
        {
            (SakkeQuad x, SakkeQuad y) = (Quad(a), Quad(b));
            Check(x, lane => a[lane]);
            Check(x + y, lane => a[lane] + b[lane]);
            Check(x - y, lane => a[lane] - b[lane]);
            Check(-x, lane => -a[lane]);
            Check(x * y, lane => a[lane] * b[lane]);
            Check(y * x, lane => a[lane] * b[lane]);
            SakkeQuad.Square(x, out SakkeQuad sum);
            Check(sum, lane => a[lane] * a[lane]);
            SakkeQuad.Combine(1, x + y, 0, x, out sum);
            Check(sum, lane => a[lane] + b[lane]);
            SakkeQuad.Combine(9, x, -3, y, out sum);
            Check(sum, lane => (9 * a[lane]) - (3 * b[lane]));
            Check(x * SakkeQuad.One, lane => a[lane]);
        },
        iter: 50);

    [Fact]
    public void The_axioms_of_a_field_hold_in_every_lane() => Gen.Select(Lanes, Lanes, Lanes).Sample(
        (a, b, c) =>
        {
            (SakkeQuad x, SakkeQuad y, SakkeQuad z) = (Quad(a), Quad(b), Quad(c));
            Same((x + y) + z, x + (y + z));
            Same(x + y, y + x);
            Same((x * y) * z, x * (y * z));
            Same(x * (y + z), (x * y) + (x * z));
            SakkeQuad.MultiplyAdd(x, y, x, z, out SakkeQuad sum);
            Same(sum, x * (y + z));
            SakkeQuad.MultiplyAdd(x + y, z, x, z, out sum); // 2 · 1 + 1 · 1
            SakkeQuad.Combine(2, x, 1, y, out SakkeQuad factor);
            Same(sum, factor * z);
            SakkeQuad.Square(x, out SakkeQuad square);
            SakkeQuad.Square(y, out SakkeQuad otherSquare);
            Same((x + y) * (x - y), square - otherSquare);
            Same(x + -x, default);
        },
        iter: 40);

    [Fact]
    public void An_inverse_multiplies_to_one_in_every_lane() => Lanes.Where(a => a.All(value => !value.IsZero)).Sample(
        a =>
        {
            SakkeQuad x = Quad(a);
            x.TryInvert(out SakkeQuad inverse).Reveal().ShouldBeTrue();
            Check(x * inverse, _ => 1);
        },
        iter: 20);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_zero_in_one_lane_leaves_no_inverse_in_any(int zero)
    {
        // The integers 0, p and -p are all the zero of the field.
        BigInteger[] values = [5, 6, Prime - 1, 8];
        values[zero] = 0;
        SakkeQuad x = Quad(values);
        SakkeQuad one = SakkeQuad.One;
        foreach (SakkeQuad quad in new[] { x, x - one + one, (x * one) - x, (one * Quad([Prime - 1, 1, 1, 1])) + one })
        {
            BigInteger product = Enumerable.Range(0, 4).Aggregate(BigInteger.One, (all, lane) => all * Value(quad, lane) % Prime);
            quad.TryInvert(out SakkeQuad inverse).Reveal().ShouldBe(!product.IsZero);
            if (product.IsZero)
            {
                Check(inverse, _ => 0);
            }
        }
    }

    [Fact]
    public void Lanes_are_negated_by_their_mask()
    {
        BigInteger[] values = [5, 0, Prime - 1, Prime / 3];
        for (int mask = 0; mask < 16; mask++)
        {
            int bits = mask;
            SakkeQuad quad = Quad(values);
            quad.NegateIn(Mask(mask));
            Check(quad, lane => (bits >> lane & 1) == 1 ? -values[lane] : values[lane]);
        }
    }

    [Fact]
    public void Moves_between_lanes_keep_the_elements() => Lanes.Array[4].Sample(
        a =>
        {
            SakkeQuad[] quads = [.. a.Select(Quad)];
            SakkeQuad.Pack(quads[0], quads[1], quads[2], quads[3], out SakkeQuad packed);
            Check(packed, lane => a[lane][lane]);
            SakkeQuad.Split(quads[2], out SakkeQuad first, out SakkeQuad second, out SakkeQuad third, out SakkeQuad fourth);
            SakkeQuad[] parts = [first, second, third, fourth];
            for (int i = 0; i < 4; i++)
            {
                int source = i;
                Check(parts[i], _ => a[2][source]);
            }

            SakkeQuad.Transpose(quads);
            for (int i = 0; i < 4; i++)
            {
                int source = i;
                Check(quads[i], lane => a[lane][source]);
            }

            Check(Quad(a[0]).Permuted<LaneOrder.Order2120>(), lane => a[0][new[] { 2, 1, 2, 0 }[lane]]);
            Check(SakkeQuad.Select(LaneMask.Lanes12, Quad(a[0]), Quad(a[1])), lane => a[lane is 1 or 2 ? 0 : 1][lane]);
            Check(SakkeQuad.Broadcast(Element(a[3][0])), _ => a[3][0]);
        },
        iter: 20);

    [Fact]
    public void A_set_lane_leaves_its_neighbours_and_clearing_leaves_nothing()
    {
        SakkeQuad quad = Quad([1, 2, 3, 4]);
        quad.SetLane(2, Element(Prime - 7));
        Check(quad, lane => lane == 2 ? -7 : lane + 1);
        quad.Clear();
        MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref quad, 1)).ContainsAnyExcept((byte)0).ShouldBeFalse();
        Check(default, _ => 0);
    }

    /// <summary>One step of the pairing: f = a + bi squared, then times (λx + v) + yi, then times (λ'x + v') + yi.</summary>
    [Fact]
    public void A_step_on_an_element_in_four_lanes_is_complex_arithmetic() => Gen.Select(Lanes, Lanes).Sample(
        (f, line) =>
        {
            (BigInteger a, BigInteger b, BigInteger x, BigInteger y) = (f[0], f[1], f[2], f[3]);
            double[] factors = new double[QuadraticLanes.FactorsLength];
            SakkeQuad lines = Quad(line); // λ, λ', v, v'
            lines.CopyDigits(0, ref factors[0]);
            lines.CopyDigits(1, ref factors[1]);
            lines.CopyDigits(2, ref factors[2 * Quad1024.DigitCount]);
            lines.CopyDigits(3, ref factors[(2 * Quad1024.DigitCount) + 1]);
            SakkeQuad yQuad = SakkeQuad.Broadcast(Element(y));
            QuadraticLanes.PrepareSquare(
                Quad([a, a, b, b]), SakkeQuad.Broadcast(Element(x)), ref factors[0], out SakkeQuad left, out SakkeQuad right);
            QuadraticLanes.PrepareProduct(
                left * right, yQuad, ref factors[QuadraticLanes.PairLength], out left, out right, out SakkeQuad second);
            QuadraticLanes.Combine(left * right, out SakkeQuad value);

            BigInteger u = (line[0] * x) + line[2];
            (BigInteger re, BigInteger im) = (((a * a) - (b * b)) % Prime, 2 * a * b % Prime);
            (re, im) = ((re * u) - (im * y), (re * y) + (im * u));
            Check(value, lane => lane < 2 ? re : im);

            QuadraticLanes.PrepareSecond(value, out left);
            QuadraticLanes.Combine(left * second, out value);
            u = (line[1] * x) + line[3];
            (re, im) = ((re * u) - (im * y), (re * y) + (im * u));
            Check(value, lane => lane < 2 ? re : im);
        },
        iter: 60);

    /// <summary>Two steps at once: f⁴ times (a2 x² + a1 x + a0) + (xy + b0 y)i, then times (λ'x + v') + yi.</summary>
    [Fact]
    public void Two_steps_at_once_are_complex_arithmetic() => Gen.Select(Lanes, Lanes, Lanes).Sample(
        (f, line, more) =>
        {
            (BigInteger a, BigInteger b, BigInteger x, BigInteger y) = (f[0], f[1], f[2], f[3]);
            double[] factors = new double[QuadraticLanes.FactorsLength];
            (SakkeQuad lines, SakkeQuad rest) = (Quad(line), Quad(more)); // a2, a1, b0, λ' and a0, v'
            for (int i = 0; i < 4; i++)
            {
                lines.CopyDigits(i, ref factors[(i / 2 * QuadraticLanes.PairLength) + (i % 2)]);
            }

            rest.CopyDigits(0, ref factors[2 * QuadraticLanes.PairLength]);
            rest.CopyDigits(1, ref factors[(2 * QuadraticLanes.PairLength) + 1]);
            SakkeQuad evaluated = Quad([0, 0, x * x % Prime, x]);
            QuadraticLanes.PrepareSquare(Quad([a, a, b, b]), evaluated, ref factors[0], out SakkeQuad left, out SakkeQuad right);
            SakkeQuad first = left * right;
            evaluated = Quad([0, 0, y, x]);
            QuadraticLanes.PrepareSquare(
                first.Permuted<LaneOrder.Order0011>(), evaluated, ref factors[QuadraticLanes.PairLength], out left, out right);
            QuadraticLanes.PrepareMergedProduct(
                first, left * right, SakkeQuad.Broadcast(Element(y)), SakkeQuad.Broadcast(Element(x * y % Prime)),
                ref factors[2 * QuadraticLanes.PairLength], out left, out right, out SakkeQuad added);
            QuadraticLanes.Combine(left * right, out SakkeQuad value);

            (BigInteger re, BigInteger im) = (a, b);
            (re, im) = (((re * re) - (im * im)) % Prime, 2 * re * im % Prime);
            (re, im) = (((re * re) - (im * im)) % Prime, 2 * re * im % Prime);
            BigInteger u = (line[0] * x * x) + (line[1] * x) + more[0];
            BigInteger w = (x * y) + (line[2] * y);
            (re, im) = ((re * u) - (im * w), (re * w) + (im * u));
            Check(value, lane => lane < 2 ? re : im);

            QuadraticLanes.PrepareSecond(value, out left);
            QuadraticLanes.Combine(left * added, out value);
            u = (line[3] * x) + more[1];
            (re, im) = ((re * u) - (im * y), (re * y) + (im * u));
            Check(value, lane => lane < 2 ? re : im);
        },
        iter: 60);

    [Fact]
    public void Lanes_are_copied_one_by_one() => Gen.Select(Lanes, Lanes, Gen.Int[0, 3], Gen.Int[0, 3]).Sample(
        (a, b, to, from) =>
        {
            SakkeQuad quad = Quad(a);
            quad.CopyLane(to, Quad(b), from);
            Check(quad, lane => lane == to ? b[from] : a[lane]);
        },
        iter: 30);

    [Fact]
    public void Work_space_is_zero_whenever_it_is_taken()
    {
        QuadScratch scratch = new(3);
        SakkeQuad[] first = scratch.Rent();
        SakkeQuad[] second = scratch.Rent();
        first.ShouldNotBeSameAs(second);
        first.Length.ShouldBe(3);
        first.AsSpan().Fill(SakkeQuad.One);
        scratch.Return(first);
        MemoryMarshal.AsBytes(first.AsSpan()).ContainsAnyExcept((byte)0).ShouldBeFalse();
        scratch.Rent().ShouldBeSameAs(first, "it is used again");
        MemoryMarshal.AsBytes(second.AsSpan()).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    internal static SakkeElement Element(BigInteger value) => ResidueLaws<UInt1024, SakkePrime>.Element(value);

    internal static SakkeQuad Quad(BigInteger[] values) =>
        SakkeQuad.FromElements(Element(values[0]), Element(values[1]), Element(values[2]), Element(values[3]));

    internal static Vector256<ulong> Mask(int lanes) => Vector256.Create(
        0UL - ((ulong)lanes & 1), 0UL - ((ulong)lanes >> 1 & 1), 0UL - ((ulong)lanes >> 2 & 1), 0UL - ((ulong)lanes >> 3 & 1));

    private static BigInteger Value(SakkeQuad quad, int lane) => ResidueLaws<UInt1024, SakkePrime>.Value(quad.GetLane(lane));

    private static void Check(SakkeQuad quad, Func<int, BigInteger> expected)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            Value(quad, lane).ShouldBe(expected(lane).Modulo(Prime), $"lane {lane}");
        }
    }

    private static void Same(SakkeQuad left, SakkeQuad right) => Check(left, lane => Value(right, lane));
}

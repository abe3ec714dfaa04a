using System.Numerics;
using System.Runtime.Intrinsics;
using CsCheck;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Tests.Fields;

/// <summary>
/// Both ways to multiply four elements against integers of the platform, with digits at the limits of their ranges.
/// </summary>
public sealed class P256QuadTests
{
    private const double Digit = (1L << 43) + (1 << 9);
    private const double TopDigit = (1L << 35) - 2;

    private static readonly BigInteger Prime = ResidueLaws<UInt256, P256Prime>.Modulus;
    private static readonly BigInteger RadixInverse = BigInteger.ModPow(BigInteger.One << 264, Prime - 2, Prime);

    /// <summary>Bounds of the four factors: their products add up to at most 300.</summary>
    private static readonly (int A, int B, int C, int D)[] Bounds =
    [
        (1, 1, 1, 1), (17, 17, 1, 11), (300, 1, 0, 0), (1, 300, 0, 0), (10, 10, 20, 10), (12, 12, 12, 13), (0, 0, 17, 17),
        (5, 60, 0, 1),
    ];

    private delegate void Product(in P256Quad left, in P256Quad right, out P256Quad product);

    private delegate void Sum(in P256Quad a, in P256Quad b, in P256Quad c, in P256Quad d, out P256Quad sum);

    [Fact]
    public void Lanes_keep_elements() => ResidueLaws<UInt256, P256Prime>.Values.Array[4].Sample(values =>
    {
        P256Element[] elements = [.. values.Select(value => P256Element.FromOctets(value.ToOctets(32)))];
        P256Quad quad = P256Quad.FromElements(elements[0], elements[1], elements[2], elements[3]);
        RequirePlain(quad, 1);
        for (int lane = 0; lane < 4; lane++)
        {
            P256Element.AreEqual(quad.GetLane(lane), elements[lane]).Reveal().ShouldBeTrue();
            (Value(quad, lane) - (values[lane] << 264)).Modulo(Prime).IsZero.ShouldBeTrue();
        }

        P256Quad all = P256Quad.Broadcast(elements[1]);
        P256Element.AreEqual(all.GetLane(3), elements[1]).Reveal().ShouldBeTrue();
    });

    [Fact]
    public void Elements_are_read_from_any_form_of_them() => Gen.Select(Quads(300), Gen.Int[0, 3]).Sample((quad, lane) =>
    {
        Span<byte> octets = stackalloc byte[32];
        quad.GetLane(lane).Encode(octets);
        new BigInteger(octets, isUnsigned: true, isBigEndian: true)
            .ShouldBe((Value(quad, lane) * RadixInverse).Modulo(Prime));
    });

    [Fact]
    public void Products_are_exact_on_the_portable_path() =>
        RequireProducts(P256QuadPortable.Multiply, P256QuadPortable.MultiplyAdd);

    [Fact]
    public void Products_are_exact_on_the_vector_path()
    {
        if (ArithmeticPath.ProcessorHasVectors)
        {
            RequireProducts(P256QuadMultiplication.Multiply, P256QuadMultiplication.MultiplyAdd);
            RequireProducts(
                (in P256Quad left, in P256Quad right, out P256Quad product) =>
                {
                    // A square as a product of unlike factors: (a + b)² - (a - b)² = 4ab, divided by 4.
                    P256Quad.Add(left, right, out P256Quad plus);
                    P256Quad.Subtract(left, right, out P256Quad minus);
                    P256QuadMultiplication.Square(plus, out plus);
                    P256QuadMultiplication.Square(minus, out minus);
                    P256Quad.Subtract(plus, minus, out P256Quad difference);
                    P256QuadMultiplication.Multiply(difference, Quarter, out product);
                },
                P256QuadMultiplication.MultiplyAdd,
                squares: true);
        }
    }

    [Fact]
    public void Squares_are_exact_at_the_limit()
    {
        if (ArithmeticPath.ProcessorHasVectors)
        {
            Quads(17).Sample(value =>
            {
                P256QuadMultiplication.Square(value, out P256Quad square);
                RequirePlain(square, 1.6);
                for (int lane = 0; lane < 4; lane++)
                {
                    BigInteger number = Value(value, lane);
                    (Value(square, lane) - (number * number * RadixInverse)).Modulo(Prime).IsZero.ShouldBeTrue();
                }
            }, iter: 20_000);
        }
    }

    [Fact]
    public void Operands_and_result_may_be_the_same() => Gen.Select(Quads(2), Quads(2)).Sample((a, b) =>
    {
        P256Quad.Multiply(a, b, out P256Quad expected);
        P256Quad same = a;
        P256Quad.Multiply(same, b, out same);
        Same(same, expected);
        same = b;
        P256Quad.Multiply(a, same, out same);
        Same(same, expected);
        P256Quad.MultiplyAdd(a, a, b, b, out expected);
        same = b;
        P256Quad.MultiplyAdd(a, a, same, same, out same);
        Same(same, expected);
    });

    [Fact]
    public void Inverses_are_right_unless_a_lane_is_zero() => ResidueLaws<UInt256, P256Prime>.Values.Array[4].Sample(
        values =>
        {
            P256Element[] elements = [.. values.Select(value => P256Element.FromOctets(value.ToOctets(32)))];
            bool zero = values.Any(value => value.IsZero);
            P256Quad.FromElements(elements[0], elements[1], elements[2], elements[3]).TryInvert(out P256Quad inverse).Reveal()
                .ShouldBe(!zero);
            for (int lane = 0; lane < 4; lane++)
            {
                P256Element expected = zero ? default : elements[lane].Invert();
                P256Element.AreEqual(inverse.GetLane(lane), expected).Reveal().ShouldBeTrue();
            }
        },
        iter: 200);

    private static P256Quad Quarter { get; } = P256Quad.Broadcast(P256Element.FromOctets([4]).Invert());

    private static void RequireProducts(Product multiply, Sum multiplyAdd, bool squares = false) =>
        Octets.Constants(Bounds)
            .SelectMany(bound => Gen.Select(Quads(bound.A), Quads(bound.B), Quads(bound.C), Quads(bound.D)))
            .Where((a, b, _, _) => !squares || (Largest(a) + Largest(b) < 17 * Digit))
            .Sample(
            (a, b, c, d) =>
            {
                multiply(a, b, out P256Quad product);
                multiplyAdd(a, b, c, d, out P256Quad sum);
                RequirePlain(product, 1.6);
                RequirePlain(sum, 1.6);
                for (int lane = 0; lane < 4; lane++)
                {
                    BigInteger ab = Value(a, lane) * Value(b, lane) * RadixInverse;
                    BigInteger cd = Value(c, lane) * Value(d, lane) * RadixInverse;
                    (Value(product, lane) - ab).Modulo(Prime).IsZero.ShouldBeTrue();
                    (Value(sum, lane) - ab - cd).Modulo(Prime).IsZero.ShouldBeTrue();
                }
            },
            iter: 20_000);

    /// <summary>Forms of a bound and a size: each digit at a limit, zero, or anything between.</summary>
    private static Gen<P256Quad> Quads(int bound)
    {
        Gen<double> digits = Numbers(bound * Digit);
        Gen<double> top = Numbers(bound * TopDigit);
        return Gen.Select(digits.Array[20], top.Array[4]).Select((low, high) => new P256Quad
        {
            D0 = Vector256.Create(low),
            D1 = Vector256.Create(low, 4),
            D2 = Vector256.Create(low, 8),
            D3 = Vector256.Create(low, 12),
            D4 = Vector256.Create(low, 16),
            D5 = Vector256.Create(high),
        });
    }

    private static Gen<double> Numbers(double limit) => Gen.OneOf(
        Gen.Const(limit), Gen.Const(-limit), Gen.Const(limit), Gen.Const(-limit), Gen.Const(0.0),
        Gen.Long[-(long)limit, (long)limit].Select(number => (double)number));

    private static void RequirePlain(in P256Quad quad, double size)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            BigInteger limit = new(size * (1UL << 50));
            (BigInteger.Abs(Value(quad, lane)) <= limit << 205).ShouldBeTrue();
        }

        Largest(quad).ShouldBeLessThanOrEqualTo(Digit);
    }

    private static double Largest(in P256Quad quad)
    {
        Vector256<double> largest = default;
        foreach (Vector256<double> digit in Digits(quad))
        {
            largest = Vector256.Max(largest, Vector256.Abs(digit));
        }

        return Math.Max(Math.Max(largest[0], largest[1]), Math.Max(largest[2], largest[3]));
    }

    /// <summary>Most significant first.</summary>
    private static Vector256<double>[] Digits(in P256Quad quad) => [quad.D5, quad.D4, quad.D3, quad.D2, quad.D1, quad.D0];

    private static BigInteger Value(in P256Quad quad, int lane)
    {
        BigInteger value = 0;
        foreach (Vector256<double> digit in Digits(quad))
        {
            value = (value << 44) + new BigInteger(digit[lane]);
        }

        return value;
    }

    private static void Same(in P256Quad left, in P256Quad right)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            P256Element.AreEqual(left.GetLane(lane), right.GetLane(lane)).Reveal().ShouldBeTrue();
        }
    }
}

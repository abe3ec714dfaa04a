using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// One element f = a + bi of F_p² at work in four lanes: squared, then multiplied by u + yi, where u = λx + v. What lies between
/// two multiplications of lanes is done here in one pass over the digits.
/// </summary>
/// <remarks>
/// The element is held as (a, a, b, b), with digits as the bound 1 has them; the number may be 1.5 p, twice a product, which no
/// product of it minds. Lanes 2 and 3 of a squaring are free: they take the two products λx that
/// the next two factors need.
/// </remarks>
internal static class QuadraticLanes
{
    private const int N = Quad1024.DigitCount;

    /// <summary>Doubles of a pair of factors: two for each digit.</summary>
    public const int PairLength = 2 * N;

    /// <summary>Doubles of the three pairs of factors of a chunk.</summary>
    public const int FactorsLength = 3 * PairLength;

    /// <summary>
    /// Factors for (a + b)(a - b), a · 2b, and two products of a pair with lanes 2 and 3 of <paramref name="evaluated"/>: left (a
    /// + b, a, pair) and right (a - b, 2b, evaluated), both with the bound 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void PrepareSquare(
        in SakkeQuad element, in SakkeQuad evaluated, ref double pair, out SakkeQuad left, out SakkeQuad right)
    {
        Unsafe.SkipInit(out left);
        Unsafe.SkipInit(out right);
        ref Vector256<double> f = ref SakkeQuad.First(in element);
        ref Vector256<double> other = ref SakkeQuad.First(in evaluated);
        ref Vector256<double> l = ref SakkeQuad.First(in left);
        ref Vector256<double> r = ref SakkeQuad.First(in right);
        Vector256<double> lane0 = LaneMask.Lane0;
        Vector256<double> lane1 = LaneMask.Lane1;
        Vector256<double> low = Vector256.Create(-1L, -1, 0, 0).AsDouble();
        Vector256<double> sign0 = Vector256.Create(-0.0, 0, 0, 0);
        for (int i = 0; i < N; i++)
        {
            Vector256<double> aabb = Unsafe.Add(ref f, i);
            Vector256<double> bbaa = Vector256.Shuffle(aabb, Vector256.Create(2L, 3, 0, 1));
            Vector256<double> factors = Vector256.Create(
                Vector128<double>.Zero, Vector128.LoadUnsafe(ref Unsafe.Add(ref pair, 2 * i)));
            Vector256<double> sum = aabb + (bbaa & lane0);
            Unsafe.Add(ref l, i) = Vector256.ConditionalSelect(low, sum, factors);
            Vector256<double> difference = Vector256.ConditionalSelect(lane1, bbaa, aabb) + (bbaa ^ sign0);
            Unsafe.Add(ref r, i) = Vector256.ConditionalSelect(low, difference, Unsafe.Add(ref other, i));
        }
    }

    /// <summary>
    /// After the squaring: left (A, B, A, B) of f² = A + Bi with the bound 1, right (u, y, y, u) with the bound 2, and the second
    /// factor's (u', y, y, u') likewise.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void PrepareProduct(
        in SakkeQuad squared, in SakkeQuad y, ref double intercepts, out SakkeQuad left, out SakkeQuad right,
        out SakkeQuad second)
    {
        Unsafe.SkipInit(out left);
        Unsafe.SkipInit(out right);
        Unsafe.SkipInit(out second);
        ref Vector256<double> source = ref SakkeQuad.First(in squared);
        ref Vector256<double> evaluated = ref SakkeQuad.First(in y);
        ref Vector256<double> l = ref SakkeQuad.First(in left);
        ref Vector256<double> r = ref SakkeQuad.First(in right);
        ref Vector256<double> s = ref SakkeQuad.First(in second);
        Vector256<double> middle = LaneMask.Lanes12;
        for (int i = 0; i < N; i++)
        {
            Vector256<double> digit = Unsafe.Add(ref source, i);
            Unsafe.Add(ref l, i) = Vector256.Shuffle(digit, Vector256.Create(0L, 1, 0, 1));
            Vector256<double> u = Vector256.Shuffle(digit, Vector256.Create(2L, 2, 2, 2))
                + Vector256.Create(Unsafe.Add(ref intercepts, 2 * i));
            Unsafe.Add(ref r, i) = Vector256.ConditionalSelect(middle, Unsafe.Add(ref evaluated, i), u);
            u = Vector256.Shuffle(digit, Vector256.Create(3L, 3, 3, 3))
                + Vector256.Create(Unsafe.Add(ref intercepts, (2 * i) + 1));
            Unsafe.Add(ref s, i) = Vector256.ConditionalSelect(middle, Unsafe.Add(ref evaluated, i), u);
        }
    }

    /// <summary>
    /// After two squarings with the products a2 x², a1 x of the first and b0 y, λ'x of the second: left (A, B, A, B) of f⁴ with
    /// the bound 1, right (u, w, w, u) with u = a2 x² + a1 x + a0 and w = xy + b0 y with the bound 3, and the addition's (u', y,
    /// y, u').
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void PrepareMergedProduct(
        in SakkeQuad first, in SakkeQuad second, in SakkeQuad y, in SakkeQuad xy, ref double intercepts, out SakkeQuad left,
        out SakkeQuad right, out SakkeQuad added)
    {
        Unsafe.SkipInit(out left);
        Unsafe.SkipInit(out right);
        Unsafe.SkipInit(out added);
        ref Vector256<double> source = ref SakkeQuad.First(in first);
        ref Vector256<double> squared = ref SakkeQuad.First(in second);
        ref Vector256<double> ordinate = ref SakkeQuad.First(in y);
        ref Vector256<double> product = ref SakkeQuad.First(in xy);
        ref Vector256<double> l = ref SakkeQuad.First(in left);
        ref Vector256<double> r = ref SakkeQuad.First(in right);
        ref Vector256<double> s = ref SakkeQuad.First(in added);
        Vector256<double> middle = LaneMask.Lanes12;
        for (int i = 0; i < N; i++)
        {
            Vector256<double> digit = Unsafe.Add(ref source, i);
            Vector256<double> u = Vector256.Shuffle(digit, Vector256.Create(2L, 2, 2, 2))
                + Vector256.Shuffle(digit, Vector256.Create(3L, 3, 3, 3)) + Vector256.Create(Unsafe.Add(ref intercepts, 2 * i));
            digit = Unsafe.Add(ref squared, i);
            Unsafe.Add(ref l, i) = Vector256.Shuffle(digit, Vector256.Create(0L, 1, 0, 1));
            Vector256<double> w = Vector256.Shuffle(digit, Vector256.Create(2L, 2, 2, 2)) + Unsafe.Add(ref product, i);
            Unsafe.Add(ref r, i) = Vector256.ConditionalSelect(middle, w, u);
            u = Vector256.Shuffle(digit, Vector256.Create(3L, 3, 3, 3))
                + Vector256.Create(Unsafe.Add(ref intercepts, (2 * i) + 1));
            Unsafe.Add(ref s, i) = Vector256.ConditionalSelect(middle, Unsafe.Add(ref ordinate, i), u);
        }
    }

    /// <summary>From (a, a, b, b) the left factor (a, b, a, b) of another product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void PrepareSecond(in SakkeQuad element, out SakkeQuad left)
    {
        Unsafe.SkipInit(out left);
        ref Vector256<double> source = ref SakkeQuad.First(in element);
        ref Vector256<double> l = ref SakkeQuad.First(in left);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref l, i) = Vector256.Shuffle(Unsafe.Add(ref source, i), Vector256.Create(0L, 2, 0, 2));
        }
    }

    /// <summary>From the products (Au, By, Ay, Bu) the element (Au - By) + (Ay + Bu)i as (a, a, b, b), carried.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Combine(in SakkeQuad products, out SakkeQuad element)
    {
        Unsafe.SkipInit(out element);
        ref Vector256<double> source = ref SakkeQuad.First(in products);
        ref Vector256<double> f = ref SakkeQuad.First(in element);
        Vector256<double> sign1 = Vector256.Create(0.0, -0.0, 0, 0);
        Vector256<double> round = Vector256.Create(Quad1024.RoundToCarry);
        Vector256<double> down = Vector256.Create(Quad1024.Down);
        Vector256<double> carry = default;
        for (int i = 0; i < N; i++)
        {
            Vector256<double> signed = Unsafe.Add(ref source, i) ^ sign1;
            Vector256<double> digit = signed + Vector256.Shuffle(signed, Vector256.Create(1L, 0, 3, 2));
            Vector256<double> high = (digit + round) - round;

            // The last digit keeps what it has: it is small, and its carry is zero.
            Unsafe.Add(ref f, i) = Vector256.MultiplyAddEstimate(carry, down, digit - high);
            carry = high;
        }
    }
}

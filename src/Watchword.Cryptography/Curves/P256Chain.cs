using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// A point of P-256 that is doubled many times, with the lanes at work on one doubling: X, Y, Z and T = -3 Z⁴ in lanes 0 to 3, x
/// = X/Z², y = Y/Z³ (modified Jacobian coordinates: Cohen, Miyaji, Ono, "Efficient Elliptic Curve Exponentiation Using Mixed
/// Coordinates", ASIACRYPT 1998).
/// </summary>
/// <remarks>
/// <para>
/// A doubling is three products of four lanes, an addition three more: what an addition needs of the doubling before it (Z², Z³,
/// the other x times Z²) is computed there in lanes that are free.
/// </para>
/// <para>
/// The addition is not complete: for equal or opposite points, and from then on, Z is zero. Whoever uses it looks at the end
/// whether it is, and takes another way if so. Variable time is for public points and scalars; the formulas themselves have no
/// branch.
/// </para>
/// <para>
/// Bounds and sizes, as <see cref="P256Quad"/> counts them, of X, Y, Z and T: at most 9, 9, 2, 3 and 9.3, 9.3, 2.1, 3.1.
/// </para>
/// </remarks>
internal struct P256Chain
{
    private P256Quad coordinates;

    /// <summary>Starts at an affine point, given as x in lane 2 and y in lane 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Start(in P256Quad addend, out P256Chain chain)
    {
        // X, Y, 1, -3.
        Vector256<double> factors = Vector256.Create(0.0, 0.0, 1.0, -3.0);
        P256Quad unit = P256Quad.One;
        ref Vector256<double> source = ref First(in addend);
        ref Vector256<double> one = ref First(in unit);
        Unsafe.SkipInit(out chain);
        ref Vector256<double> target = ref First(in chain.coordinates);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Vector256<double> affine = Vector256.Shuffle(Unsafe.Add(ref source, i), Vector256.Create(2L, 0, 2, 2));
            Unsafe.Add(ref target, i) = Vector256.FusedMultiplyAdd(
                Unsafe.Add(ref one, i), factors, affine & Vector256.Create(-1L, -1, 0, 0).AsDouble());
        }
    }

    /// <summary>The point becomes 2 · point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Double(ref P256Chain chain)
    {
        BeginDouble(in chain.coordinates, out P256Quad first, out P256Quad slope, out P256Quad second);
        ThirdRight(in second, out P256Quad right);
        ThirdLeft(in chain.coordinates, in slope, in first, in slope, out P256Quad left);
        P256Quad.Multiply(left, right, out P256Quad third);
        EndDouble(in first, in second, in third, out chain.coordinates);
    }

    /// <summary>The point becomes 2 · point + addend; the addend is affine, x in lane 2 and y in lane 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void DoubleAdd(ref P256Chain chain, in P256Quad addend)
    {
        BeginDouble(in chain.coordinates, out P256Quad first, out P256Quad slope, out P256Quad second);
        ThirdRight(in second, out P256Quad right);
        ThirdLeft(in chain.coordinates, in slope, in first, in addend, out P256Quad left);
        P256Quad.Multiply(left, right, out P256Quad third);
        EndDouble(in first, in second, in third, out chain.coordinates);
        Add(ref chain.coordinates, in third, in addend);
    }

    /// <summary>The point in projective coordinates in lane 0, infinity in the other lanes; false if Z is zero.</summary>
    public readonly bool TryGetVarTime(out P256QuadPoint point)
    {
        P256Element x = coordinates.GetLane(0);
        P256Element y = coordinates.GetLane(1);
        P256Element z = coordinates.GetLane(2);
        point = P256QuadPoint.Identity;
        if (z.IsZero().Reveal())
        {
            return false;
        }

        point.SetLane(0, new P256Point { X = x * z, Y = y, Z = z.Square() * z });
        return true;
    }

    /// <summary>
    /// The first two products of a doubling: (X², Y², YZ, -) and (M², Y⁴, XY², (YZ)²) with M = 3 X² + T, which is lane 0 of
    /// slope.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BeginDouble(in P256Quad point, out P256Quad first, out P256Quad slope, out P256Quad second)
    {
        P256Quad.Permute<XYYT>(point, out P256Quad left);
        P256Quad.Multiply(left, point, out first); // 81, 81, 18; sizes 86.5, 86.5, 19.6, of the products 1.17, 1.17, 1.04
        Unsafe.SkipInit(out slope);
        ref Vector256<double> source = ref First(in point);
        ref Vector256<double> product = ref First(in first);
        ref Vector256<double> target = ref First(in slope);
        ref Vector256<double> other = ref First(in left);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            // slope: M, Y², Y², YZ; left: the same with X in lane 2. M has the bound 6 and the size 6.7.
            Vector256<double> tx = Vector256.Shuffle(Unsafe.Add(ref source, i), Vector256.Create(3L, 3, 0, 0));
            Vector256<double> products = Vector256.Shuffle(Unsafe.Add(ref product, i), Vector256.Create(0L, 1, 1, 2));
            Vector256<double> values = Vector256.FusedMultiplyAdd(
                products, Vector256.Create(3.0, 1.0, 1.0, 1.0), tx & LaneMask.Lane0);
            Unsafe.Add(ref target, i) = values;
            Unsafe.Add(ref other, i) = Vector256.ConditionalSelect(LaneMask.Lane2, tx, values);
        }

        P256Quad.Multiply(left, slope, out second); // 36, 1, 9, 1; sizes 44.9, 1.4, 10.9, 1.1
    }

    /// <summary>8 (YZ)², 12 XY² - M², 4 (YZ)², 16 Y⁴: bounds 8, 13, 4, 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThirdRight(in P256Quad second, out P256Quad right)
    {
        Unsafe.SkipInit(out right);
        ref Vector256<double> product = ref First(in second);
        ref Vector256<double> target = ref First(in right);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Vector256<double> value = Unsafe.Add(ref product, i);
            Vector256<double> main = Vector256.Shuffle(value, Vector256.Create(3L, 2, 3, 1));
            Vector256<double> squared = Lane0(value);
            Unsafe.Add(ref target, i) = Vector256.FusedMultiplyAdd(
                main, Vector256.Create(8.0, 12.0, 4.0, 16.0), squared * Vector256.Create(0.0, -1.0, 0.0, 0.0));
        }
    }

    /// <summary>YZ, M, x of the addend, T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThirdLeft(
        in P256Quad point, in P256Quad slope, in P256Quad first, in P256Quad addend, out P256Quad left)
    {
        Unsafe.SkipInit(out left);
        ref Vector256<double> source = ref First(in point);
        ref Vector256<double> slopes = ref First(in slope);
        ref Vector256<double> product = ref First(in first);
        ref Vector256<double> added = ref First(in addend);
        ref Vector256<double> target = ref First(in left);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Vector256<double> yz = Lane2(Unsafe.Add(ref product, i));
            Vector256<double> m = Lane0(Unsafe.Add(ref slopes, i));
            Vector256<double> low = Vector256.ConditionalSelect(LaneMask.Lane1, m, yz);
            Vector256<double> high = Vector256.ConditionalSelect(
                LaneMask.Lane3, Unsafe.Add(ref source, i), Unsafe.Add(ref added, i));
            Unsafe.Add(ref target, i) = Vector256.ConditionalSelect(LaneMask.High, high, low);
        }
    }

    /// <summary>X = M² - 8 XY², Y = M (4 XY² - X) - 8 Y⁴, Z = 2 YZ, T = 16 Y⁴ T: bounds 9, 9, 2, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndDouble(in P256Quad first, in P256Quad second, in P256Quad third, out P256Quad point)
    {
        Unsafe.SkipInit(out point);
        ref Vector256<double> p1 = ref First(in first);
        ref Vector256<double> p2 = ref First(in second);
        ref Vector256<double> p3 = ref First(in third);
        ref Vector256<double> target = ref First(in point);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Vector256<double> value = Unsafe.Add(ref p2, i);
            Vector256<double> eightfold = Vector256.Shuffle(value, Vector256.Create(2L, 1, 2, 1))
                * Vector256.Create(-8.0, -8.0, 0.0, 0.0);
            Vector256<double> rest = Vector256.FusedMultiplyAdd(
                Unsafe.Add(ref p1, i), Vector256.Create(0.0, 0.0, 2.0, 0.0), (value & LaneMask.Lane0) + eightfold);
            Unsafe.Add(ref target, i) = rest + (Unsafe.Add(ref p3, i) & LaneMask.Odd);
        }
    }

    /// <summary>
    /// Mixed addition (Explicit-Formulas Database, shortw/jacobian, madd-2004-hmv), where <paramref name="prepared"/> has Z³ in
    /// lane 0 and the addend's x times Z² in lane 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref P256Quad point, in P256Quad prepared, in P256Quad addend)
    {
        // y Z³, H², Z H; H = x Z² - X has the bound 10 and the size 10.4.
        Unsafe.SkipInit(out P256Quad left);
        Unsafe.SkipInit(out P256Quad right);
        AddFirst(in point, in prepared, in addend, ref left, ref right);
        P256Quad.Multiply(left, right, out P256Quad first); // 1, 100, 20; sizes 1.1, 108.2, 21.9

        // r², H³, X H², (Z H)²; r = y Z³ - Y has the bound 10 and the size 10.4.
        AddSecond(in point, in first, ref left, ref right);
        P256Quad.Multiply(left, right, out P256Quad second); // 100, 10, 9, 1; sizes 108.2, 12.7, 11.3, 1.1

        // Y H³, r (3 X H² + H³ - r²), -, -3 (Z H)⁴.
        AddThird(in point, in second, ref left, ref right);
        P256Quad.Multiply(left, right, out P256Quad third); // 9, 50, 3; sizes 9.6, 56, 3.1
        EndAdd(in first, in second, in third, out point);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFirst(
        in P256Quad point, in P256Quad prepared, in P256Quad addend, ref P256Quad left, ref P256Quad right)
    {
        ref Vector256<double> source = ref First(in point);
        ref Vector256<double> ready = ref First(in prepared);
        ref Vector256<double> added = ref First(in addend);
        ref Vector256<double> a = ref First(in left);
        ref Vector256<double> b = ref First(in right);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            // left: y, H, H, H; right: Z³, H, Z, -.
            Vector256<double> own = Unsafe.Add(ref source, i);
            Vector256<double> values = Unsafe.Add(ref ready, i);
            Vector256<double> h = Lane2(values) - Lane0(own);
            Unsafe.Add(ref a, i) = Vector256.ConditionalSelect(LaneMask.Lane0, Unsafe.Add(ref added, i), h);
            Vector256<double> low = Vector256.ConditionalSelect(LaneMask.Lane0, values, h);
            Unsafe.Add(ref b, i) = Vector256.ConditionalSelect(LaneMask.High, own, low);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSecond(in P256Quad point, in P256Quad first, ref P256Quad left, ref P256Quad right)
    {
        ref Vector256<double> source = ref First(in point);
        ref Vector256<double> product = ref First(in first);
        ref Vector256<double> a = ref First(in left);
        ref Vector256<double> b = ref First(in right);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            // left: r, H, X, Z H; right: r, H², H², Z H. H is in lane 1 of the left side before.
            Vector256<double> own = Unsafe.Add(ref source, i);
            Vector256<double> values = Unsafe.Add(ref product, i);
            Vector256<double> r = values - Lane1(own);
            Vector256<double> common = Vector256.Shuffle(values, Vector256.Create(1L, 1, 1, 2));
            common = Vector256.ConditionalSelect(LaneMask.Lane0, r, common);
            Unsafe.Add(ref b, i) = common;
            Vector256<double> hx = Vector256.ConditionalSelect(
                LaneMask.Lane1, Unsafe.Add(ref a, i), Lane0(own));
            Unsafe.Add(ref a, i) = Vector256.ConditionalSelect(LaneMask.Lanes12, hx, common);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddThird(in P256Quad point, in P256Quad second, ref P256Quad left, ref P256Quad right)
    {
        ref Vector256<double> source = ref First(in point);
        ref Vector256<double> product = ref First(in second);
        ref Vector256<double> a = ref First(in left);
        ref Vector256<double> b = ref First(in right);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            // left: Y, r, -, -3 (Z H)²; right: H³, 3 X H² + H³ - r², -, (Z H)². r is in lane 0 of the left side before.
            Vector256<double> values = Unsafe.Add(ref product, i);
            Vector256<double> y = Lane1(Unsafe.Add(ref source, i));
            Vector256<double> r = Lane0(Unsafe.Add(ref a, i));
            Vector256<double> low = Vector256.ConditionalSelect(LaneMask.Lane0, y, r);
            Unsafe.Add(ref a, i) = Vector256.ConditionalSelect(LaneMask.High, values * Vector256.Create(-3.0), low);
            Vector256<double> cube = Vector256.Shuffle(values, Vector256.Create(1L, 1, 2, 3));
            Vector256<double> rest = (Lane2(values) * Vector256.Create(0.0, 3.0, 0.0, 0.0))
                - (Lane0(values) & LaneMask.Lane1);
            Unsafe.Add(ref b, i) = cube + rest;
        }
    }

    /// <summary>X = r² - H³ - 2 X H², Y, Z H, T: bounds 4, 2, 1, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndAdd(in P256Quad first, in P256Quad second, in P256Quad third, out P256Quad point)
    {
        Unsafe.SkipInit(out point);
        ref Vector256<double> p1 = ref First(in first);
        ref Vector256<double> p2 = ref First(in second);
        ref Vector256<double> p3 = ref First(in third);
        ref Vector256<double> target = ref First(in point);
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            Vector256<double> values = Unsafe.Add(ref p2, i);
            Vector256<double> x = values - Lane1(values);
            x = Vector256.FusedMultiplyAdd(Lane2(values), Vector256.Create(-2.0), x);
            Vector256<double> last = Unsafe.Add(ref p3, i);
            Vector256<double> y = last - (Lane0(last) & LaneMask.Lane1);
            Vector256<double> low = Vector256.ConditionalSelect(LaneMask.Lane0, x, y);
            Unsafe.Add(ref target, i) = Vector256.ConditionalSelect(LaneMask.Lane2, Unsafe.Add(ref p1, i), low);
        }
    }

    /// <summary>Lane 0 in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lane0(Vector256<double> digit) => Vector256.Shuffle(digit, Vector256.Create(0L, 0, 0, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lane1(Vector256<double> digit) => Vector256.Shuffle(digit, Vector256.Create(1L, 1, 1, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lane2(Vector256<double> digit) => Vector256.Shuffle(digit, Vector256.Create(2L, 2, 2, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<double> First(in P256Quad quad) => ref Unsafe.AsRef(in quad.D0);

    private readonly struct XYYT : ILaneOrder
    {
        public static Vector256<long> Sources => Vector256.Create(0L, 1, 1, 3);
    }
}

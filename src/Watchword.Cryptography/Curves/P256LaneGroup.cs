using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>P-256, four points at a time: the complete formulas of <see cref="P256Point"/>.</summary>
/// <remarks>
/// Behind the lines stand bounds and sizes as <see cref="P256Quad"/> counts them, where they are not those of a product of plain
/// factors, 1 and 1.01. Nothing is carried outside the products.
/// </remarks>
internal readonly struct P256LaneGroup : ILaneGroup<P256QuadPoint, P256QuadEntry>
{
    /// <summary>The coefficient b of the curve.</summary>
    private static readonly P256Quad B = P256Quad.Broadcast(P256Point.B);

    public static void FromEntry(in P256QuadEntry entry, out P256QuadPoint point)
    {
        point.X = entry.X;
        point.Y = entry.Y;
        point.Z = P256Quad.One;
    }

    /// <summary>Renes, Costello, Batina, eprint 2015/1060, algorithm 6 (a = -3): 8 M + 3 S + 2 m_b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(ref P256QuadPoint point)
    {
        P256Quad.Square(point.Z, out P256Quad t2); // 3
        P256Quad.Multiply(point.X, point.Z, out P256Quad xz); // 6, half
        P256Quad.Square(point.Y, out P256Quad t1); // 2
        P256Quad.Square(point.X, out P256Quad t0); // 1
        P256Quad.Multiply(B, t2, out P256Quad bt2); // 8
        P256Quad.Multiply(B, xz, out P256Quad bxz); // 18, half
        P256Quad.Multiply(point.X, point.Y, out P256Quad xy); // 4, half
        P256Quad.Multiply(point.Y, point.Z, out P256Quad yz); // 28, half

        // 5, 7, 29: the halves are doubled where they are used.
        P256Quad.Combine(Vector256.Create(3.0), bt2, Vector256.Create(-6.0), xz, out P256Quad u); // 9 to 11; 9, 9.1
        P256Quad.Subtract(t1, u, out P256Quad minus); // 12; 10, 10.2
        P256Quad.Add(t1, u, out P256Quad plus); // 13; 10, 10.2
        P256Quad.Combine(Vector256.Create(3.0), t0, Vector256.Create(9.0), t2, out P256Quad t0t2);

        // w and slope with their signs turned.
        P256Quad.Combine(Vector256.Create(-6.0), bxz, Vector256.Create(1.0), t0t2, out P256Quad w); // 16 to 22; 18, 18.2
        P256Quad.Combine(Vector256.Create(-3.0), t0, Vector256.Create(3.0), t2, out P256Quad slope); // 23 to 25; 6, 6.1
        P256Quad.Scale(t1, Vector256.Create(8.0), out P256Quad t1Eightfold); // 8, 8.1
        P256Quad.Multiply(yz, t1Eightfold, out point.Z); // 32 to 34
        P256Quad.Add(xy, xy, out xy);
        P256Quad.Add(yz, yz, out yz);
        P256Quad.MultiplyAdd(minus, xy, yz, w, out point.X); // 15, 30, 31; 20 + 36
        P256Quad.MultiplyAdd(plus, minus, slope, w, out point.Y); // 14, 26, 27; 100 + 108, 105 + 112
    }

    /// <summary>The same paper, algorithm 4 (a = -3): 12 M + 2 m_b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref P256QuadPoint point, in P256QuadPoint addend)
    {
        P256Quad.Multiply(point.X, addend.X, out P256Quad t0); // 1
        P256Quad.Multiply(point.Z, addend.Z, out P256Quad t2); // 3
        P256Quad.Multiply(point.Y, addend.Y, out P256Quad t1); // 2
        P256Quad.Add(point.X, point.Z, out P256Quad left); // 14
        P256Quad.Add(addend.X, addend.Z, out P256Quad right); // 15
        P256Quad.Multiply(left, right, out P256Quad xz); // 16
        P256Quad.Multiply(B, t2, out P256Quad bt2); // 19
        P256Quad.Add(point.X, point.Y, out left); // 4
        P256Quad.Add(addend.X, addend.Y, out right); // 5
        P256Quad.Multiply(left, right, out P256Quad xy); // 6
        P256Quad.Add(point.Y, point.Z, out left); // 9
        P256Quad.Add(addend.Y, addend.Z, out right); // 10
        P256Quad.Multiply(left, right, out P256Quad yz); // 11
        P256Quad.Add(t0, t1, out P256Quad sum); // 7
        P256Quad.Subtract(xy, sum, out xy); // 8; 3, 3.1
        P256Quad.Add(t1, t2, out sum); // 12
        P256Quad.Subtract(yz, sum, out yz); // 13; 3, 3.1
        P256Quad.Add(t0, t2, out sum); // 17
        P256Quad.Subtract(xz, sum, out xz); // 18; 3, 3.1
        Finish(t0, t1, t2, xy, yz, xz, bt2, out point);
    }

    /// <summary>The same paper, algorithm 5 (a = -3, the entry's Z is 1): 11 M + 2 m_b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddEntry(ref P256QuadPoint point, in P256QuadEntry entry)
    {
        P256Quad.Multiply(entry.X, point.Z, out P256Quad xz); // 10
        P256Quad.Multiply(B, point.Z, out P256Quad bz); // 12
        P256Quad.Multiply(point.X, entry.X, out P256Quad t0); // 1
        P256Quad.Multiply(point.Y, entry.Y, out P256Quad t1); // 2
        P256Quad.Add(entry.X, entry.Y, out P256Quad left); // 3
        P256Quad.Add(point.X, point.Y, out P256Quad right); // 4
        P256Quad.Multiply(left, right, out P256Quad xy); // 5
        P256Quad.Multiply(entry.Y, point.Z, out P256Quad yz); // 8
        P256Quad.Add(xz, point.X, out xz); // 11; 2, 2.61
        P256Quad.Add(t0, t1, out P256Quad sum); // 6
        P256Quad.Subtract(xy, sum, out xy); // 7; 3, 3.1
        P256Quad.Add(yz, point.Y, out yz); // 9; 2, 2.61
        Finish(t0, t1, point.Z, xy, yz, xz, bz, out point);
    }

    /// <summary>
    /// Cohen, Miyaji, Ono, "Efficient Elliptic Curve Exponentiation Using Mixed Coordinates", ASIACRYPT 1998 (Explicit-Formulas
    /// Database, shortw/projective, madd-1998-cmo): 9 M + 2 S. All coordinates are 0 where the points are equal or opposite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddDistinctEntry(ref P256QuadPoint point, in P256QuadEntry entry)
    {
        P256Quad.Multiply(entry.X, point.Z, out P256Quad v);
        P256Quad.Multiply(entry.Y, point.Z, out P256Quad u);
        P256Quad.Subtract(v, point.X, out v); // 2, 2.61
        P256Quad.Subtract(u, point.Y, out u); // 2, 2.61
        P256Quad.Square(v, out P256Quad v2);
        P256Quad.Square(u, out P256Quad u2);
        P256Quad.Multiply(v, v2, out P256Quad v3);
        P256Quad.Multiply(v2, point.X, out P256Quad r);
        P256Quad.Multiply(u2, point.Z, out P256Quad a);
        P256Quad.Scale(point.Y, Vector256.Create(-1.0), out P256Quad negativeY);
        P256Quad.Subtract(a, v3, out a);
        P256Quad.Combine(Vector256<double>.One, a, Vector256.Create(-2.0), r, out a); // A = u² Z - v³ - 2 R; 4, 4.1
        P256Quad.Subtract(r, a, out r); // 5, 5.2
        P256Quad.Multiply(v3, point.Z, out point.Z);
        P256Quad.Multiply(v, a, out point.X); // 8
        P256Quad.MultiplyAdd(u, r, v3, negativeY, out point.Y); // 10 + 1
    }

    public static void Negate(ref P256QuadPoint point) => point.Y.NegateIn(Vector256<ulong>.AllBitsSet);

    public static void NegateEntry(ref P256QuadEntry entry, Vector256<ulong> lanes) => entry.Y.NegateIn(lanes);

    public static void SumLanes(ref P256QuadPoint point)
    {
        P256QuadPoint.Permute<LaneOrder.Order1032>(point, out P256QuadPoint other);
        Add(ref point, other);
        P256QuadPoint.Permute<LaneOrder.Order2301>(point, out other);
        Add(ref point, other);
    }

    public static void ToEntriesVarTime(Span<P256QuadPoint> points, Span<P256QuadEntry> entries)
    {
        // Montgomery's trick: X of the entry i keeps the product of the Z before it.
        P256Quad product = P256Quad.One;
        for (int i = 0; i < points.Length; i++)
        {
            entries[i].X = product;
            P256Quad.Multiply(product, points[i].Z, out product);
        }

        _ = product.TryInvert(out P256Quad inverse);
        for (int i = points.Length - 1; i >= 0; i--)
        {
            P256Quad.Multiply(inverse, entries[i].X, out P256Quad own);
            P256Quad.Multiply(inverse, points[i].Z, out inverse);
            P256Quad.Multiply(points[i].X, own, out entries[i].X);
            P256Quad.Multiply(points[i].Y, own, out entries[i].Y);
        }
    }

    /// <summary>
    /// What algorithms 4 and 5 have in common, from the cross products on; numbers as in algorithm 4. Bounds are those of
    /// algorithm 4, which are the larger ones: 3 for xy, yz and xz. Sizes are those of algorithm 4 and of algorithm 5: xy 3.1,
    /// 3.1; yz and xz 3.1, 2.61; t2 1.01, 1.6. <paramref name="t2"/> may be the Z that is written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        in P256Quad t0, in P256Quad t1, in P256Quad t2, in P256Quad xy, in P256Quad yz, in P256Quad xz, in P256Quad bt2,
        out P256QuadPoint sum)
    {
        Vector256<double> three = Vector256.Create(3.0);
        P256Quad.Multiply(B, xz, out P256Quad bxz); // 25
        P256Quad.Combine(three, xz, -three, bt2, out P256Quad u); // 20 to 22; 12; 12.4, 10.83
        P256Quad.Subtract(t1, u, out P256Quad minus); // 23; 13; 13.5, 11.84
        P256Quad.Add(t1, u, out P256Quad plus); // 24; 13; 13.5, 11.84
        P256Quad.Combine(three, t0, -three, t2, out P256Quad slope); // 32 to 34; 6; 6.1, 7.82
        P256Quad.Combine(-three, t0, three, t2, out P256Quad negativeSlope);
        P256Quad.Combine(three, t0, Vector256.Create(9.0), t2, out P256Quad t0t2); // 12; 12.2, 17.42
        P256Quad.Combine(-three, bxz, Vector256<double>.One, t0t2, out P256Quad w); // 26 to 31, sign turned; 15; 15.3, 20.44
        P256Quad.MultiplyAdd(xy, plus, yz, w, out sum.X); // 35, 39, 40; 39 + 45
        P256Quad.MultiplyAdd(yz, minus, xy, slope, out sum.Z); // 41 to 43; 39 + 18
        P256Quad.MultiplyAdd(plus, minus, negativeSlope, w, out sum.Y); // 36 to 38; 169 + 90; 182.3 + 93.4, 140.2 + 159.8
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Four points of the curve of SAKKE parameter set 1 side by side, one per lane, in projective coordinates as
/// <see cref="SakkePoint"/> has them. Coordinates have the bound 1.
/// </summary>
internal struct SakkeQuadPoint
{
    public SakkeQuad X;
    public SakkeQuad Y;
    public SakkeQuad Z;

    /// <summary>One point in every lane.</summary>
    public static SakkeQuadPoint Broadcast(in SakkePoint point) => new()
    {
        X = SakkeQuad.Broadcast(point.X),
        Y = SakkeQuad.Broadcast(point.Y),
        Z = SakkeQuad.Broadcast(point.Z),
    };

    /// <summary>The point in a lane.</summary>
    public readonly SakkePoint GetLane(int lane) => new() { X = X.GetLane(lane), Y = Y.GetLane(lane), Z = Z.GetLane(lane) };

    public void Clear()
    {
        X.Clear();
        Y.Clear();
        Z.Clear();
    }
}

/// <summary>Four finite points (x, y) side by side, as tables keep them. Coordinates have the bound 1.</summary>
internal struct SakkeQuadEntry
{
    public SakkeQuad X;
    public SakkeQuad Y;
}

/// <summary>
/// The subgroup of order q of the curve of SAKKE parameter set 1, four points at a time: the formulas of
/// <see cref="SakkePoint"/>, which are complete there (Notes/sakke-curve.md).
/// </summary>
/// <remarks>The bounds of <see cref="SakkeQuad"/> stand behind the lines; carried values have the bound 1.</remarks>
internal readonly struct SakkeLaneGroup : ILaneGroup<SakkeQuadPoint, SakkeQuadEntry>
{
    public static void FromEntry(in SakkeQuadEntry entry, out SakkeQuadPoint point)
    {
        point.X = entry.X;
        point.Y = entry.Y;
        point.Z = SakkeQuad.One;
    }

    /// <summary>Renes, Costello, Batina, eprint 2015/1060, algorithm 6 (a = -3) with b = 0: 8 M + 3 S, 9 reductions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Double(ref SakkeQuadPoint point)
    {
        SakkeQuad.Square(point.X, out SakkeQuad t0); // 1
        SakkeQuad.Square(point.Y, out SakkeQuad t1); // 2
        SakkeQuad.Square(point.Z, out SakkeQuad t2); // 3
        SakkeQuad.Multiply(point.X, point.Y, out SakkeQuad xy); // 4
        SakkeQuad.Multiply(point.X, point.Z, out SakkeQuad xz); // 6
        SakkeQuad.Multiply(point.Y, point.Z, out SakkeQuad yz); // 28
        SakkeQuad.Combine(2, xy, 0, xy, out xy); // 5
        SakkeQuad.Combine(2, yz, 0, yz, out yz); // 29
        SakkeQuad.Combine(1, t1, -6, xz, out SakkeQuad minus); // 7 to 11 with b = 0, sign turned, and 13
        SakkeQuad.Combine(1, t1, 6, xz, out SakkeQuad plus); // 12
        SakkeQuad.Combine(9, t2, 3, t0, out SakkeQuad w); // 16 to 22, sign turned
        SakkeQuad.Combine(3, t2, -3, t0, out SakkeQuad slope); // 23 to 25, sign turned
        SakkeQuad.Multiply(yz, t1, out SakkeQuad z); // 32
        SakkeQuad.Combine(4, z, 0, z, out point.Z); // 33, 34
        SakkeQuad.MultiplyAdd(plus, xy, yz, w, out point.X); // 15, 30, 31
        SakkeQuad.MultiplyAdd(minus, plus, slope, w, out point.Y); // 14, 26, 27
    }

    /// <summary>The same paper, algorithm 4 (a = -3) with b = 0: 12 M, 9 reductions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(ref SakkeQuadPoint point, in SakkeQuadPoint addend)
    {
        SakkeQuad.Multiply(point.X, addend.X, out SakkeQuad t0); // 1
        SakkeQuad.Multiply(point.Y, addend.Y, out SakkeQuad t1); // 2
        SakkeQuad.Multiply(point.Z, addend.Z, out SakkeQuad t2); // 3
        Cross(point.X, point.Y, addend.X, addend.Y, t0, t1, out SakkeQuad xy); // 4 to 8
        Cross(point.Y, point.Z, addend.Y, addend.Z, t1, t2, out SakkeQuad yz); // 9 to 13
        Cross(point.X, point.Z, addend.X, addend.Z, t0, t2, out SakkeQuad xz); // 14 to 18
        Finish(t0, t1, t2, xy, yz, xz, out point);
    }

    /// <summary>The same paper, algorithm 5 (a = -3, the entry's Z is 1) with b = 0: 11 M, 8 reductions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddEntry(ref SakkeQuadPoint point, in SakkeQuadEntry entry)
    {
        SakkeQuad.Multiply(point.X, entry.X, out SakkeQuad t0); // 1
        SakkeQuad.Multiply(point.Y, entry.Y, out SakkeQuad t1); // 2
        Cross(point.X, point.Y, entry.X, entry.Y, t0, t1, out SakkeQuad xy); // 3 to 7
        SakkeQuad.Multiply(entry.Y, point.Z, out SakkeQuad yz); // 8
        SakkeQuad.Combine(1, yz, 1, point.Y, out yz); // 9
        SakkeQuad.Multiply(entry.X, point.Z, out SakkeQuad xz); // 10
        SakkeQuad.Combine(1, xz, 1, point.X, out xz); // 11
        Finish(t0, t1, point.Z, xy, yz, xz, out point);
    }

    public static void AddDistinctEntry(ref SakkeQuadPoint point, in SakkeQuadEntry entry) => AddEntry(ref point, entry);

    public static void Negate(ref SakkeQuadPoint point) => point.Y.NegateIn(Vector256<ulong>.AllBitsSet);

    public static void NegateEntry(ref SakkeQuadEntry entry, Vector256<ulong> lanes) => entry.Y.NegateIn(lanes);

    public static void SumLanes(ref SakkeQuadPoint point)
    {
        SakkeQuadPoint other = new()
        {
            X = point.X.Permuted<LaneOrder.Order1032>(),
            Y = point.Y.Permuted<LaneOrder.Order1032>(),
            Z = point.Z.Permuted<LaneOrder.Order1032>(),
        };
        Add(ref point, other);
        other = new SakkeQuadPoint
        {
            X = point.X.Permuted<LaneOrder.Order2301>(),
            Y = point.Y.Permuted<LaneOrder.Order2301>(),
            Z = point.Z.Permuted<LaneOrder.Order2301>(),
        };
        Add(ref point, other);
    }

    public static void ToEntriesVarTime(Span<SakkeQuadPoint> points, Span<SakkeQuadEntry> entries)
    {
        // Montgomery's trick: X of the entry i keeps the product of the Z before it.
        SakkeQuad product = SakkeQuad.One;
        for (int i = 0; i < points.Length; i++)
        {
            entries[i].X = product;
            product *= points[i].Z;
        }

        _ = product.TryInvert(out SakkeQuad inverse); // No factor is 0: none of the points is neutral.
        for (int i = points.Length - 1; i >= 0; i--)
        {
            SakkeQuad own = inverse * entries[i].X;
            inverse *= points[i].Z;
            entries[i].X = points[i].X * own;
            entries[i].Y = points[i].Y * own;
        }
    }

    /// <summary>(a + b)(c + d) - (ac + bd), that is ad + bc; carried.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Cross(
        in SakkeQuad a, in SakkeQuad b, in SakkeQuad c, in SakkeQuad d, in SakkeQuad ac, in SakkeQuad bd, out SakkeQuad cross)
    {
        SakkeQuad.Add(a, b, out SakkeQuad left);
        SakkeQuad.Add(c, d, out SakkeQuad right);
        SakkeQuad.Multiply(left, right, out SakkeQuad product); // 2 · 2
        SakkeQuad.Add(ac, bd, out left);
        SakkeQuad.Combine(1, product, -1, left, out cross);
    }

    /// <summary>What algorithms 4 and 5 have in common, from the cross products on. The sum may be where t2 is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Finish(
        in SakkeQuad t0, in SakkeQuad t1, in SakkeQuad t2, in SakkeQuad xy, in SakkeQuad yz, in SakkeQuad xz,
        out SakkeQuadPoint sum)
    {
        SakkeQuad.Combine(1, t1, -3, xz, out SakkeQuad minus); // 19 to 23 with b = 0
        SakkeQuad.Combine(1, t1, 3, xz, out SakkeQuad plus); // 24
        SakkeQuad.Combine(9, t2, 3, t0, out SakkeQuad w); // 25 to 31 with b = 0, sign turned
        SakkeQuad.Combine(3, t0, -3, t2, out SakkeQuad slope); // 32 to 34
        SakkeQuad.MultiplyAdd(xy, plus, yz, w, out sum.X); // 35, 39, 40
        SakkeQuad.MultiplyAdd(yz, minus, xy, slope, out sum.Z); // 41 to 43
        SakkeQuad.Combine(-1, slope, 0, slope, out slope);
        SakkeQuad.MultiplyAdd(plus, minus, slope, w, out sum.Y); // 36 to 38
    }
}

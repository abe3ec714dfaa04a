using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Four points of the curve of SAKKE parameter set 1 side by side, one per lane, in projective coordinates as <see cref="SakkePoint"/>
/// has them. Coordinates have the bound 1.
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
/// The subgroup of order q of the curve of SAKKE parameter set 1, four points at a time: the formulas of <see cref="SakkePoint"/>, which
/// are complete there (Notes/sakke-curve.md).
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

    /// <summary>Renes, Costello, Batina, eprint 2015/1060, algorithm 6 (a = -3) with b = 0: 8 M + 3 S.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Double(ref SakkeQuadPoint point)
    {
        SakkeQuad t0 = point.X.Square(); // 1
        SakkeQuad t1 = point.Y.Square(); // 2
        SakkeQuad t2 = point.Z.Square(); // 3
        SakkeQuad xy = (point.X * point.Y).Times(2); // 4, 5; bound 2
        SakkeQuad u = (point.X * point.Z).Times(6); // 6 to 11 with b = 0, sign turned; bound 6
        SakkeQuad minus = (t1 - u).Carried(); // 13
        SakkeQuad plus = (t1 + u).Carried(); // 12
        SakkeQuad w = (t2.Times(3) + t0).Times(3).Carried(); // 16 to 22, sign turned
        SakkeQuad slope = (t0 - t2).Times(3).Carried(); // 23 to 25
        SakkeQuad yz = (point.Y * point.Z).Times(2); // 28, 29; bound 2
        point.X = SakkeQuad.MultiplyAdd(plus, xy, yz.Carried(), w); // 15, 30, 31; 1 · 2 + 1 · 1
        point.Z = (yz * t1).Times(4).Carried(); // 32 to 34
        point.Y = SakkeQuad.MultiplyAdd(minus, plus, -slope, w); // 14, 26, 27
    }

    /// <summary>The same paper, algorithm 4 (a = -3) with b = 0: 12 M.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref SakkeQuadPoint point, in SakkeQuadPoint addend)
    {
        SakkeQuad t0 = point.X * addend.X; // 1
        SakkeQuad t1 = point.Y * addend.Y; // 2
        SakkeQuad t2 = point.Z * addend.Z; // 3
        SakkeQuad xy = ((point.X + point.Y) * (addend.X + addend.Y)) - (t0 + t1); // 4 to 8; bound 3
        SakkeQuad yz = ((point.Y + point.Z) * (addend.Y + addend.Z)) - (t1 + t2); // 9 to 13; bound 3
        SakkeQuad xz = ((point.X + point.Z) * (addend.X + addend.Z)) - (t0 + t2); // 14 to 18; bound 3
        Finish(t0, t1, t2, xy.Carried(), yz.Carried(), xz, out point);
    }

    /// <summary>The same paper, algorithm 5 (a = -3, the entry's Z is 1) with b = 0: 11 M.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddEntry(ref SakkeQuadPoint point, in SakkeQuadEntry entry)
    {
        SakkeQuad t0 = point.X * entry.X; // 1
        SakkeQuad t1 = point.Y * entry.Y; // 2
        SakkeQuad xy = ((entry.X + entry.Y) * (point.X + point.Y)) - (t0 + t1); // 3 to 7; bound 3
        SakkeQuad yz = (entry.Y * point.Z) + point.Y; // 8, 9; bound 2
        SakkeQuad xz = (entry.X * point.Z) + point.X; // 10, 11; bound 2
        SakkeQuad t2 = point.Z;
        Finish(t0, t1, t2, xy.Carried(), yz.Carried(), xz, out point);
    }

    public static void Negate(ref SakkeQuadPoint point) => point.Y = -point.Y;

    public static void NegateEntry(ref SakkeQuadEntry entry, Vector256<ulong> lanes) => entry.Y = entry.Y.NegatedIn(lanes);

    public static void SumLanes(ref SakkeQuadPoint point)
    {
        SakkeQuadPoint other = new()
        {
            X = point.X.Permuted<LaneOrder.Order1032>(),
            Y = point.Y.Permuted<LaneOrder.Order1032>(),
            Z = point.Z.Permuted<LaneOrder.Order1032>(),
        };
        Add(ref point, other);
        other = new SakkeQuadPoint { X = point.X.Permuted<LaneOrder.Order2301>(), Y = point.Y.Permuted<LaneOrder.Order2301>(), Z = point.Z.Permuted<LaneOrder.Order2301>() };
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

        SakkeQuad inverse = product.Invert();
        for (int i = points.Length - 1; i >= 0; i--)
        {
            SakkeQuad own = inverse * entries[i].X;
            inverse *= points[i].Z;
            entries[i].X = points[i].X * own;
            entries[i].Y = points[i].Y * own;
        }
    }

    /// <summary>What algorithms 4 and 5 have in common, from the cross products on; xy and yz are carried, xz has the bound 3.</summary>
    private static void Finish(
        in SakkeQuad t0, in SakkeQuad t1, in SakkeQuad t2, in SakkeQuad xy, in SakkeQuad yz, in SakkeQuad xz,
        out SakkeQuadPoint sum)
    {
        SakkeQuad u = xz.Times(3); // 19 to 22 with b = 0; bound 9
        SakkeQuad minus = (t1 - u).Carried(); // 23
        SakkeQuad plus = (t1 + u).Carried(); // 24
        SakkeQuad w = (t2.Times(3) + t0).Times(3).Carried(); // 25 to 31 with b = 0, sign turned
        SakkeQuad slope = (t0 - t2).Times(3).Carried(); // 32 to 34
        sum.X = SakkeQuad.MultiplyAdd(xy, plus, yz, w); // 35, 39, 40
        sum.Y = SakkeQuad.MultiplyAdd(plus, minus, -slope, w); // 36 to 38
        sum.Z = SakkeQuad.MultiplyAdd(yz, minus, xy, slope); // 41 to 43
    }
}

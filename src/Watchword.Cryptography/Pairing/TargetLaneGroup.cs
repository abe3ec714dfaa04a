using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// Four elements of PF_p side by side, one per lane: any Re + Im·i of their classes, as <see cref="TargetGroupElement"/> has
/// them. Both parts have the bound 1.
/// </summary>
internal struct TargetQuad
{
    public SakkeQuad Re;
    public SakkeQuad Im;

    /// <summary>One element in every lane.</summary>
    public static TargetQuad Broadcast(in TargetGroupElement element) => new()
    {
        Re = SakkeQuad.Broadcast(element.Value.Re),
        Im = SakkeQuad.Broadcast(element.Value.Im),
    };

    /// <summary>The element in a lane.</summary>
    public readonly TargetGroupElement GetLane(int lane) => new()
    {
        Value = new SakkeQuadraticElement { Re = Re.GetLane(lane), Im = Im.GetLane(lane) },
    };

    public void Clear()
    {
        Re.Clear();
        Im.Clear();
    }
}

/// <summary>Four elements of PF_p side by side by their representatives t, for 1 + ti, as tables keep them.</summary>
internal struct TargetQuadEntry
{
    public SakkeQuad Representative;
}

/// <summary>The subgroup of order q of PF_p, four elements at a time, written additively: a product is a sum here.</summary>
internal readonly struct TargetLaneGroup : ILaneGroup<TargetQuad, TargetQuadEntry>
{
    public static void FromEntry(in TargetQuadEntry entry, out TargetQuad point)
    {
        point.Re = SakkeQuad.One;
        point.Im = entry.Representative;
    }

    /// <summary>(a + bi)² = (a + b)(a - b) + 2abi: 2 M.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Double(ref TargetQuad point)
    {
        SakkeQuad.Add(point.Re, point.Im, out SakkeQuad sum);
        SakkeQuad.Subtract(point.Re, point.Im, out SakkeQuad difference);
        SakkeQuad.Multiply(point.Re, point.Im, out SakkeQuad product);
        SakkeQuad.Multiply(sum, difference, out point.Re); // 2 · 2
        SakkeQuad.Combine(2, product, 0, product, out point.Im);
    }

    /// <summary>(a + bi)(c + di): 4 M with two reductions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(ref TargetQuad point, in TargetQuad addend)
    {
        SakkeQuad.Combine(-1, point.Im, 0, point.Im, out SakkeQuad negative);
        SakkeQuad.MultiplyAdd(point.Re, addend.Re, negative, addend.Im, out SakkeQuad real);
        SakkeQuad.MultiplyAdd(point.Re, addend.Im, point.Im, addend.Re, out SakkeQuad imaginary);
        point.Re = real;
        point.Im = imaginary;
    }

    /// <summary>(a + bi)(1 + ti) = (a - bt) + (b + at)i: 2 M.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddEntry(ref TargetQuad point, in TargetQuadEntry entry)
    {
        SakkeQuad.Multiply(point.Im, entry.Representative, out SakkeQuad real);
        SakkeQuad.Multiply(point.Re, entry.Representative, out SakkeQuad imaginary);
        SakkeQuad.Combine(1, point.Re, -1, real, out point.Re);
        SakkeQuad.Combine(1, point.Im, 1, imaginary, out point.Im);
    }

    public static void AddDistinctEntry(ref TargetQuad point, in TargetQuadEntry entry) => AddEntry(ref point, entry);

    /// <summary>The inverse is the conjugate: their product is in F_p.</summary>
    public static void Negate(ref TargetQuad point) => point.Im.NegateIn(Vector256<ulong>.AllBitsSet);

    public static void NegateEntry(ref TargetQuadEntry entry, Vector256<ulong> lanes) =>
        entry.Representative.NegateIn(lanes);

    public static void SumLanes(ref TargetQuad point)
    {
        TargetQuad other = new() { Re = point.Re.Permuted<LaneOrder.Order1032>(), Im = point.Im.Permuted<LaneOrder.Order1032>() };
        Add(ref point, other);
        other = new TargetQuad { Re = point.Re.Permuted<LaneOrder.Order2301>(), Im = point.Im.Permuted<LaneOrder.Order2301>() };
        Add(ref point, other);
    }

    public static void ToEntriesVarTime(Span<TargetQuad> points, Span<TargetQuadEntry> entries)
    {
        // Montgomery's trick: the entry i keeps the product of the real parts before it.
        SakkeQuad product = SakkeQuad.One;
        for (int i = 0; i < points.Length; i++)
        {
            entries[i].Representative = product;
            product *= points[i].Re;
        }

        _ = product.TryInvert(out SakkeQuad inverse); // No factor is 0: only the class of i, of even order, has one.
        for (int i = points.Length - 1; i >= 0; i--)
        {
            entries[i].Representative = points[i].Im * (inverse * entries[i].Representative);
            inverse *= points[i].Re;
        }
    }
}

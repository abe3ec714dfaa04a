using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// A commutative group, written additively, four elements at a time: one per lane of a 256-bit vector. It is what a <see
/// cref="LaneComb{TGroup,TPoint,TEntry}"/> works on.
/// </summary>
/// <typeparam name="TPoint">Four elements in the form in which sums are kept; consists of whole vectors of four
/// lanes.</typeparam>
/// <typeparam name="TEntry">Four elements in the form in which tables keep them; consists of whole vectors of four
/// lanes.</typeparam>
internal interface ILaneGroup<TPoint, TEntry>
    where TPoint : unmanaged
    where TEntry : unmanaged
{
    /// <summary>Widens entries to sums.</summary>
    static abstract void FromEntry(in TEntry entry, out TPoint point);

    /// <summary>Lane by lane, point becomes 2 · point.</summary>
    static abstract void Double(ref TPoint point);

    /// <summary>
    /// Lane by lane, point becomes point + addend. Complete: right also where the two are equal or opposite, or one is neutral.
    /// </summary>
    static abstract void Add(ref TPoint point, in TPoint addend);

    /// <summary>
    /// Lane by lane, point becomes point + entry. Complete but for one case: the entry is never neutral.
    /// </summary>
    static abstract void AddEntry(ref TPoint point, in TEntry entry);

    /// <summary>
    /// Lane by lane, point becomes point + entry, where neither is neutral and they are neither equal nor opposite: for groups
    /// that have a shorter way then.
    /// </summary>
    static abstract void AddDistinctEntry(ref TPoint point, in TEntry entry);

    /// <summary>Lane by lane, point becomes its negative.</summary>
    static abstract void Negate(ref TPoint point);

    /// <summary>Negates the entry in the lanes whose mask is all ones; the mask of the others is zero.</summary>
    static abstract void NegateEntry(ref TEntry entry, Vector256<ulong> lanes);

    /// <summary>The sum of the four lanes, in every lane.</summary>
    static abstract void SumLanes(ref TPoint point);

    /// <summary>
    /// Brings sums into the form of tables, with one inversion for all. None is neutral; they are public, and so is the time that
    /// it takes. The sums serve as scratch space.
    /// </summary>
    static abstract void ToEntriesVarTime(Span<TPoint> points, Span<TEntry> entries);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Curves;

/// <content>Public scalars: the same sums, and each digit reads the entry that it names and no other.</content>
internal sealed partial class LaneComb<TGroup, TPoint, TEntry>
{
    /// <summary>
    /// [scalar]base as the sum of the four lanes, which is left to be done. The scalar is public.
    /// </summary>
    public void MultiplyVarTime(ReadOnlySpan<ulong> scalar, out TPoint partialSums)
    {
        Unsafe.SkipInit(out partialSums);
        Span<ulong> signs = stackalloc ulong[SignWords];
        ToSigns(scalar, signs);
        for (int column = columns - 1; column >= 0; column--)
        {
            int subComb = 0;
            if (column == columns - 1)
            {
                GetEntryVarTime(signs, subComb++, column, out TEntry first);
                TGroup.FromEntry(first, out partialSums);
            }
            else
            {
                TGroup.Double(ref partialSums);
            }

            for (; subComb < subCombs; subComb++)
            {
                GetEntryVarTime(signs, subComb, column, out TEntry entry);
                if (column == columns - 1)
                {
                    TGroup.AddDistinctEntry(ref partialSums, entry); // As in AddColumn.
                }
                else
                {
                    TGroup.AddEntry(ref partialSums, entry);
                }
            }
        }
    }

    /// <summary>Adds [scalar]base to a sum over the four lanes. Only for a comb of one column.</summary>
    public void AddVarTime(ReadOnlySpan<ulong> scalar, ref TPoint partialSums)
    {
        if (columns != 1)
        {
            throw new InvalidOperationException("A comb of several columns would double the sum.");
        }

        Span<ulong> signs = stackalloc ulong[SignWords];
        ToSigns(scalar, signs);
        for (int subComb = 0; subComb < subCombs; subComb++)
        {
            GetEntryVarTime(signs, subComb, column: 0, out TEntry entry);
            TGroup.AddEntry(ref partialSums, entry);
        }
    }

    /// <summary>As <see cref="GetEntry"/>, for a public scalar.</summary>
    private void GetEntryVarTime(ReadOnlySpan<ulong> signs, int subComb, int column, out TEntry entry)
    {
        Vector256<ulong> digits = Digits(signs, subComb, column, out Vector256<ulong> negative);
        LookUpVarTime(subComb, digits, out entry);
        TGroup.NegateEntry(ref entry, negative);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void LookUpVarTime(int subComb, Vector256<ulong> digits, out TEntry entry)
    {
        Unsafe.SkipInit(out entry);
        ref TEntry first = ref table[subComb * EntriesPerSubComb];
        ref ulong source0 = ref LaneOf(ref Unsafe.Add(ref first, (nint)digits[0]), 0);
        ref ulong source1 = ref LaneOf(ref Unsafe.Add(ref first, (nint)digits[1]), 1);
        ref ulong source2 = ref LaneOf(ref Unsafe.Add(ref first, (nint)digits[2]), 2);
        ref ulong source3 = ref LaneOf(ref Unsafe.Add(ref first, (nint)digits[3]), 3);
        ref ulong target = ref Unsafe.As<TEntry, ulong>(ref entry);
        for (int i = 0; i < Unsafe.SizeOf<TEntry>() / sizeof(ulong); i += Lanes)
        {
            Unsafe.As<ulong, Vector256<ulong>>(ref Unsafe.Add(ref target, i)) = Vector256.Create(
                Unsafe.Add(ref source0, i), Unsafe.Add(ref source1, i), Unsafe.Add(ref source2, i), Unsafe.Add(ref source3, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong LaneOf(ref TEntry entry, int lane) => ref Unsafe.Add(ref Unsafe.As<TEntry, ulong>(ref entry), lane);
}

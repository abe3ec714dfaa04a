using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Curves;

/// <summary>The table of one public base for many secret scalars, with the four lanes at work on one multiplication.</summary>
/// <remarks>
/// <para>
/// A comb (Lim and Lee, "More Flexible Exponentiation with Precomputation", CRYPTO 1994) over signs, never zero (Hedabou, Pinel,
/// Bénéteau, "Countermeasures for Preventing Comb Method Against SCA Attacks", ISPEC 2005): an odd scalar k below 2^L is the sum
/// of s_i 2^i for i below L, where s_i is 1 or -1 as bit i of (k + 2^L - 1)/2 is 1 or 0. For an even k the signs are those of
/// order - k, all inverted. So no step is skipped and no digit selects a neutral element.
/// </para>
/// <para>
/// The L signs are cut into one run per lane, a run into sub-combs, a sub-comb into five teeth of some columns. A column of a
/// sub-comb is a digit: its highest sign decides the sign of the entry, the other four say which of 16 entries it is. All 16 are
/// read for every digit, whatever the scalar (Notes/constant-time.md). From one column to the next the sum is doubled.
/// </para>
/// </remarks>
internal sealed partial class LaneComb<TGroup, TPoint, TEntry>
    where TGroup : ILaneGroup<TPoint, TEntry>
    where TPoint : unmanaged
    where TEntry : unmanaged
{
    private const int Lanes = 4;
    private const int Teeth = 5;
    private const int EntriesPerSubComb = 1 << (Teeth - 1);

    private readonly ulong[] order;
    private readonly int subCombs;
    private readonly int columns;
    private readonly TEntry[] table;

    /// <param name="basis">The base, of odd order, in every lane.</param>
    /// <param name="order">The order of the base.</param>
    /// <param name="columns">Columns of a sub-comb: more make the table smaller, and cost a doubling each.</param>
    public LaneComb(in TPoint basis, ReadOnlySpan<ulong> order, int columns)
    {
        this.order = order.ToArray();
        this.columns = columns;

        // k is below the order, thus below 2^(64 · limbs); L may not be less than the bits of the order.
        int bits = (64 * order.Length) - (int)ulong.LeadingZeroCount(order[^1]);
        int signsPerSubComb = Teeth * columns;
        subCombs = (bits + (Lanes * signsPerSubComb) - 1) / (Lanes * signsPerSubComb);
        table = GC.AllocateUninitializedArray<TEntry>(subCombs * EntriesPerSubComb);
        Fill(basis);
    }

    /// <summary>Columns of a sub-comb: so many digits select from each group of 16 entries.</summary>
    public int Columns => columns;

    /// <summary>The number of groups of 16 entries.</summary>
    public int SubCombs => subCombs;

    /// <summary>Words of the signs of a scalar: more than the scalar has where the sub-combs reach far beyond its bits.</summary>
    public int SignWords => Math.Max(order.Length, ((Lanes * SignsPerLane) + 63) / 64) + 1;

    /// <summary>Octets of the table.</summary>
    public int SizeInBytes => table.Length * Unsafe.SizeOf<TEntry>();

    private int SignsPerLane => subCombs * Teeth * columns;

    /// <summary>Octets of the table of a base of this order, before it is made.</summary>
    public static int EstimateSizeInBytes(int orderBits, int columns) =>
        (orderBits + (Lanes * Teeth * columns) - 1) / (Lanes * Teeth * columns) * EntriesPerSubComb * Unsafe.SizeOf<TEntry>();

    /// <summary>[scalar]base in every lane; the scalar below the order, as limbs. Constant time.</summary>
    public void Multiply(ReadOnlySpan<ulong> scalar, out TPoint product)
    {
        Unsafe.SkipInit(out product);
        Span<ulong> signs = stackalloc ulong[SignWords];
        ToSigns(scalar, signs);
        for (int column = columns - 1; column >= 0; column--)
        {
            bool first = column == columns - 1;
            if (!first)
            {
                TGroup.Double(ref product);
            }

            AddColumn(ref product, signs, column, first);
        }

        TGroup.SumLanes(ref product);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(signs));
    }

    /// <summary>
    /// [scalar]base + [otherScalar]otherBase in every lane, with shared doublings. Both combs are of one order and one number of
    /// columns. Constant time.
    /// </summary>
    public void MultiplyAdd(
        ReadOnlySpan<ulong> scalar, LaneComb<TGroup, TPoint, TEntry> other, ReadOnlySpan<ulong> otherScalar, out TPoint sum)
    {
        if (other.columns != columns || other.order.Length != order.Length)
        {
            throw new ArgumentException("The combs differ in shape.", nameof(other));
        }

        Unsafe.SkipInit(out sum);
        Span<ulong> signs = stackalloc ulong[SignWords];
        Span<ulong> otherSigns = stackalloc ulong[other.SignWords];
        ToSigns(scalar, signs);
        other.ToSigns(otherScalar, otherSigns);
        for (int column = columns - 1; column >= 0; column--)
        {
            bool first = column == columns - 1;
            if (!first)
            {
                TGroup.Double(ref sum);
            }

            AddColumn(ref sum, signs, column, first);
            other.AddColumn(ref sum, otherSigns, column, first: false);
        }

        TGroup.SumLanes(ref sum);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(signs));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(otherSigns));
    }

    /// <summary>What the digit of a column and a sub-comb adds, in each lane. Constant time.</summary>
    public void GetEntry(ReadOnlySpan<ulong> signs, int subComb, int column, out TEntry entry)
    {
        Vector256<ulong> digits = Digits(signs, subComb, column, out Vector256<ulong> negative);
        Select(subComb, digits, out entry);
        TGroup.NegateEntry(ref entry, negative);
    }

    private static Span<Vector256<ulong>> Vectors<T>(ref T value)
        where T : unmanaged =>
        MemoryMarshal.CreateSpan(
            ref Unsafe.As<T, Vector256<ulong>>(ref value), Unsafe.SizeOf<T>() / Unsafe.SizeOf<Vector256<ulong>>());

    /// <summary>The signs of a scalar below the order as bits, bit i for s_i.</summary>
    public void ToSigns(ReadOnlySpan<ulong> scalar, Span<ulong> signs)
    {
        // The odd one of k and order - k.
        ulong even = (scalar[0] & 1) - 1;
        ulong borrow = 0;
        for (int i = 0; i < order.Length; i++)
        {
            ulong difference = Limbs.SubtractWithBorrow(order[i], scalar[i], ref borrow);
            signs[i] = scalar[i] ^ (even & (scalar[i] ^ difference));
        }

        // (k + 2^L - 1)/2 is k >> 1 with bit L - 1 set: k is odd.
        signs[order.Length..].Clear();
        for (int i = 0; i < order.Length; i++)
        {
            signs[i] = (signs[i] >> 1) | (signs[i + 1] << 63);
        }

        int top = (Lanes * SignsPerLane) - 1;
        signs[top / 64] |= 1UL << (top % 64);
        for (int i = 0; i < signs.Length; i++)
        {
            signs[i] ^= even;
        }
    }

    private void AddColumn(ref TPoint sum, ReadOnlySpan<ulong> signs, int column, bool first)
    {
        for (int subComb = 0; subComb < subCombs; subComb++)
        {
            GetEntry(signs, subComb, column, out TEntry entry);
            if (first && subComb == 0)
            {
                TGroup.FromEntry(entry, out sum);
            }
            else if (first)
            {
                // Below this digit are only smaller powers of 2, of one sum that is not 0: it is neither the entry nor its
                // negative.
                TGroup.AddDistinctEntry(ref sum, entry);
            }
            else
            {
                TGroup.AddEntry(ref sum, entry);
            }
        }
    }

    /// <summary>The digit of each lane: which entry, and whether it is negated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private Vector256<ulong> Digits(ReadOnlySpan<ulong> signs, int subComb, int column, out Vector256<ulong> negative)
    {
        // The last access of all is the one that could be out of range.
        int start = (subComb * Teeth * columns) + column;
        int perLane = SignsPerLane;
        _ = signs[(start + ((Lanes - 1) * perLane) + ((Teeth - 1) * columns)) / 64];
        ref ulong first = ref MemoryMarshal.GetReference(signs);
        Vector256<ulong> digits = Vector256.Create(
            Digit(ref first, start, columns), Digit(ref first, start + perLane, columns),
            Digit(ref first, start + (2 * perLane), columns), Digit(ref first, start + (3 * perLane), columns));

        // A highest sign of -1 inverts the others: -(2^4 + ...) is the negative of the entry for the inverted signs.
        negative = (digits >> (Teeth - 1)) - Vector256<ulong>.One;
        return (digits ^ negative) & Vector256.Create((ulong)(EntriesPerSubComb - 1));
    }

    /// <summary>Five signs from <paramref name="start"/> on, <paramref name="distance"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Digit(ref ulong signs, int start, int distance)
    {
        ulong digit = Sign(ref signs, start);
        digit |= Sign(ref signs, start + distance) << 1;
        digit |= Sign(ref signs, start + (2 * distance)) << 2;
        digit |= Sign(ref signs, start + (3 * distance)) << 3;
        return digit | (Sign(ref signs, start + (4 * distance)) << 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Sign(ref ulong signs, int index) => (Unsafe.Add(ref signs, index >> 6) >> (index & 63)) & 1;

    /// <summary>In each lane the entry that its digit names; reads all 16, and halves them four times, bit by bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Select(int subComb, Vector256<ulong> digits, out TEntry entry)
    {
        Unsafe.SkipInit(out entry);
        Vector256<ulong> bit0 = Vector256<ulong>.Zero - (digits & Vector256<ulong>.One);
        Vector256<ulong> bit1 = Vector256<ulong>.Zero - ((digits >> 1) & Vector256<ulong>.One);
        Vector256<ulong> bit2 = Vector256<ulong>.Zero - ((digits >> 2) & Vector256<ulong>.One);
        Vector256<ulong> bit3 = Vector256<ulong>.Zero - ((digits >> 3) & Vector256<ulong>.One);
        int width = Unsafe.SizeOf<TEntry>() / Unsafe.SizeOf<Vector256<ulong>>();
        ref Vector256<ulong> source = ref Unsafe.As<TEntry, Vector256<ulong>>(ref table[subComb * EntriesPerSubComb]);
        ref Vector256<ulong> target = ref Unsafe.As<TEntry, Vector256<ulong>>(ref entry);
        for (int i = 0; i < width; i++)
        {
            ref Vector256<ulong> candidate = ref Unsafe.Add(ref source, i);
            Vector256<ulong> low = Vector256.ConditionalSelect(
                bit2, SelectOfFour(ref Unsafe.Add(ref candidate, 4 * width), width, bit0, bit1),
                SelectOfFour(ref candidate, width, bit0, bit1));
            Vector256<ulong> high = Vector256.ConditionalSelect(
                bit2, SelectOfFour(ref Unsafe.Add(ref candidate, 12 * width), width, bit0, bit1),
                SelectOfFour(ref Unsafe.Add(ref candidate, 8 * width), width, bit0, bit1));
            Unsafe.Add(ref target, i) = Vector256.ConditionalSelect(bit3, high, low);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> SelectOfFour(
        ref Vector256<ulong> candidate, int width, Vector256<ulong> bit0, Vector256<ulong> bit1) => Vector256.ConditionalSelect(
            bit1,
            Vector256.ConditionalSelect(bit0, Unsafe.Add(ref candidate, 3 * width), Unsafe.Add(ref candidate, 2 * width)),
            Vector256.ConditionalSelect(bit0, Unsafe.Add(ref candidate, width), candidate));

    private void Fill(in TPoint basis)
    {
        // Every lane starts at its own run: lane n holds 2^(n · SignsPerLane) times the base.
        TPoint tooth = basis;
        TPoint running = basis;
        for (int lane = 1; lane < Lanes; lane++)
        {
            for (int i = 0; i < SignsPerLane; i++)
            {
                TGroup.Double(ref running);
            }

            Vector256<ulong> here = Vector256.Equals(Vector256.Create(0UL, 1, 2, 3), Vector256.Create((ulong)lane));
            Span<Vector256<ulong>> target = Vectors(ref tooth);
            Span<Vector256<ulong>> source = Vectors(ref running);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = Vector256.ConditionalSelect(here, source[i], target[i]);
            }
        }

        TPoint[] sums = new TPoint[table.Length];
        for (int subComb = 0; subComb < subCombs; subComb++)
        {
            FillSubComb(sums.AsSpan(subComb * EntriesPerSubComb, EntriesPerSubComb), ref tooth);
        }

        TGroup.ToEntriesVarTime(sums, table);
    }

    /// <summary>The 16 sums 2^(4 columns) +- .. +- 1 times the tooth; leaves the first tooth of the next sub-comb.</summary>
    private void FillSubComb(Span<TPoint> sums, ref TPoint tooth)
    {
        Span<TPoint> doubled = new TPoint[Teeth - 1];
        TPoint lowest = tooth;
        TGroup.Negate(ref lowest);
        for (int i = 0; i < Teeth; i++)
        {
            if (i > 0 && i < Teeth - 1)
            {
                TPoint negative = tooth;
                TGroup.Negate(ref negative);
                TGroup.Add(ref lowest, negative);
            }

            if (i == Teeth - 1)
            {
                TGroup.Add(ref lowest, tooth);
            }
            else
            {
                doubled[i] = tooth;
                TGroup.Double(ref doubled[i]);
            }

            for (int j = 0; j < columns; j++)
            {
                TGroup.Double(ref tooth);
            }
        }

        sums[0] = lowest;
        for (int i = 0; i < Teeth - 1; i++)
        {
            for (int j = 0; j < 1 << i; j++)
            {
                sums[(1 << i) + j] = sums[j];
                TGroup.Add(ref sums[(1 << i) + j], doubled[i]);
            }
        }
    }
}

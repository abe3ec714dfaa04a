using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Many multiplications of the bases of combs at once: the sums are kept as affine points, and each step has one inversion for
/// all of them. An addition then costs 6 multiplications of lanes where the complete formula costs 11.
/// </summary>
/// <remarks>
/// Constant time. The affine formulas fail where a sum meets the entry that it adds, or its negative: that is found by a denominator of
/// 0, and nothing is returned then. With scalars that are random and secret it does not happen; that it did is all that shows.
/// </remarks>
internal static class SakkeBatch
{
    /// <summary>Multiplications in a batch at most.</summary>
    public const int MaximalCount = 128;

    /// <summary>Below this, one at a time is faster: every step has its inversion.</summary>
    public const int MinimalCount = 10;

    /// <summary>For each sum: x, y; the addend's x, y; the denominator; the product of the denominators before.</summary>
    private const int QuadsPerSum = 6;

    private static readonly QuadScratch Scratch = new(MaximalCount * QuadsPerSum);

    /// <summary>
    /// [scalar]B for every scalar, or [scalar]B + [otherScalar]C where a second comb of the same shape is given; false, and nothing, in
    /// the exceptional case. At most <see cref="MaximalCount"/>.
    /// </summary>
    public static bool TryMultiply(
        SakkeComb comb, ReadOnlySpan<SakkeScalar> scalars, SakkeComb? otherComb, ReadOnlySpan<SakkeScalar> otherScalars,
        Span<SakkeAffinePoint> products)
    {
        if (otherComb is not null && (otherComb.Columns != comb.Columns || otherComb.SubCombs != comb.SubCombs))
        {
            throw new ArgumentException("The combs differ in shape.", nameof(otherComb));
        }

        int words = comb.SignWords;
        Span<ulong> signs = stackalloc ulong[2 * MaximalCount * words];
        Span<ulong> otherSigns = signs[(MaximalCount * words)..];
        ToSigns(comb, scalars, signs);
        if (otherComb is not null)
        {
            ToSigns(otherComb, otherScalars, otherSigns);
        }

        SakkeQuad[] scratch = Scratch.Rent();
        try
        {
            Span<Sum> sums = MemoryMarshal.Cast<SakkeQuad, Sum>(scratch.AsSpan())[..scalars.Length];
            bool valid = TryAddUp(comb, signs, otherComb, otherSigns, sums);
            for (int i = 0; valid && i < sums.Length; i++)
            {
                products[i] = new SakkeAffinePoint { X = sums[i].X.GetLane(0), Y = sums[i].Y.GetLane(0) };
            }

            return valid;
        }
        finally
        {
            Scratch.Return(scratch);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(signs));
        }
    }

    private static void ToSigns(SakkeComb comb, ReadOnlySpan<SakkeScalar> scalars, Span<ulong> signs)
    {
        Span<ulong> integer = stackalloc ulong[UInt1024.Count];
        for (int i = 0; i < scalars.Length; i++)
        {
            scalars[i].CopyIntegerTo(integer);
            comb.ToSigns(integer, signs.Slice(i * comb.SignWords, comb.SignWords));
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(integer));
    }

    private static bool TryAddUp(
        SakkeComb comb, ReadOnlySpan<ulong> signs, SakkeComb? otherComb, ReadOnlySpan<ulong> otherSigns, Span<Sum> sums)
    {
        int last = comb.Columns - 1;
        SetEntries(comb, signs, 0, last, sums);
        foreach (ref Sum sum in sums)
        {
            sum.X = sum.Entry.X;
            sum.Y = sum.Entry.Y;
        }

        for (int column = last; column >= 0; column--)
        {
            if (column < last && !TryDouble(sums))
            {
                return false;
            }

            for (int subComb = 0; subComb < comb.SubCombs; subComb++)
            {
                bool started = column == last && subComb == 0;
                if ((!started && !TryAddEntries(comb, signs, subComb, column, sums))
                    || (otherComb is not null && !TryAddEntries(otherComb, otherSigns, subComb, column, sums)))
                {
                    return false;
                }
            }
        }

        return TryAddLanes<LaneOrder.Order1032>(sums) && TryAddLanes<LaneOrder.Order2301>(sums);
    }

    private static void SetEntries(SakkeComb comb, ReadOnlySpan<ulong> signs, int subComb, int column, Span<Sum> sums)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            comb.GetEntry(signs.Slice(i * comb.SignWords, comb.SignWords), subComb, column, out sums[i].Entry);
        }
    }

    private static bool TryAddEntries(SakkeComb comb, ReadOnlySpan<ulong> signs, int subComb, int column, Span<Sum> sums)
    {
        SetEntries(comb, signs, subComb, column, sums);
        return TryAdd(sums);
    }

    private static bool TryAddLanes<TOrder>(Span<Sum> sums)
        where TOrder : struct, ILaneOrder
    {
        foreach (ref Sum sum in sums)
        {
            sum.Entry.X = sum.X.Permuted<TOrder>();
            sum.Entry.Y = sum.Y.Permuted<TOrder>();
        }

        return TryAdd(sums);
    }

    /// <summary>Every sum becomes sum + entry: λ = (y2 - y)/(x2 - x), x' = λ² - x - x2, y' = λ(x - x') - y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static bool TryAdd(Span<Sum> sums)
    {
        SakkeQuad product = SakkeQuad.One;
        foreach (ref Sum sum in sums)
        {
            SakkeQuad.Combine(1, sum.Entry.X, -1, sum.X, out sum.Denominator);
            sum.Before = product;
            SakkeQuad.Multiply(product, sum.Denominator, out product);
        }

        Choice valid = product.TryInvert(out SakkeQuad inverse);
        for (int i = sums.Length - 1; i >= 0; i--)
        {
            ref Sum sum = ref sums[i];
            SakkeQuad.Multiply(inverse, sum.Before, out SakkeQuad own);
            SakkeQuad.Multiply(inverse, sum.Denominator, out inverse);
            SakkeQuad.Subtract(sum.Entry.Y, sum.Y, out SakkeQuad rise);
            SakkeQuad.Multiply(rise, own, out SakkeQuad slope); // 2 · 1
            SakkeQuad.Add(sum.X, sum.Entry.X, out own);
            Finish(ref sum, slope, own);
        }

        return valid.Reveal();
    }

    /// <summary>Every sum becomes 2 · sum: λ = 3(x² - 1)/(2y), then as above with x2 = x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static bool TryDouble(Span<Sum> sums)
    {
        SakkeQuad product = SakkeQuad.One;
        foreach (ref Sum sum in sums)
        {
            SakkeQuad.Combine(2, sum.Y, 0, sum.Y, out sum.Denominator);
            sum.Before = product;
            SakkeQuad.Multiply(product, sum.Denominator, out product);
        }

        Choice valid = product.TryInvert(out SakkeQuad inverse);
        for (int i = sums.Length - 1; i >= 0; i--)
        {
            ref Sum sum = ref sums[i];
            SakkeQuad.Multiply(inverse, sum.Before, out SakkeQuad own);
            SakkeQuad.Multiply(inverse, sum.Denominator, out inverse);
            SakkeQuad.Square(sum.X, out SakkeQuad rise);
            SakkeQuad.Combine(3, rise, -3, SakkeQuad.One, out rise);
            SakkeQuad.Multiply(rise, own, out SakkeQuad slope);
            SakkeQuad.Add(sum.X, sum.X, out own);
            Finish(ref sum, slope, own);
        }

        return valid.Reveal();
    }

    /// <summary>x' = λ² - (x + x2), y' = λ(x - x') - y. Both reduced: they would grow with every step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(ref Sum sum, in SakkeQuad slope, in SakkeQuad abscissas)
    {
        SakkeQuad.Square(slope, out SakkeQuad square);
        SakkeQuad.Combine(1, square, -1, abscissas, out square);
        SakkeQuad.Subtract(sum.X, square, out SakkeQuad step);
        SakkeQuad.Multiply(slope, step, out SakkeQuad product); // 1 · 2
        SakkeQuad.Combine(1, product, -1, sum.Y, out sum.Y);
        sum.X = square;
    }

    private struct Sum
    {
        public SakkeQuad X;
        public SakkeQuad Y;
        public SakkeQuadEntry Entry;
        public SakkeQuad Denominator;
        public SakkeQuad Before;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Many multiples of G at once: the sums are kept as affine points, and each step has one inversion for all of them. An addition
/// then costs 5 M + 1 S where the complete formula costs 11 M + 2 m_b.
/// </summary>
/// <remarks>
/// Constant time. The affine formulas fail where a sum meets the entry that it adds, or its negative: that is found by a
/// denominator of 0, and nothing is returned then. Within a lane it cannot happen: the comb has one column, and a sum of signed
/// powers of 2 is never as large as the next power. Where lanes are added up, it happens to 0 and to few others, and with random
/// scalars it does not; that it did is all that shows.
/// </remarks>
internal static class P256Batch
{
    /// <summary>Multiplications in a batch at most.</summary>
    public const int MaximalCount = 64;

    /// <summary>Below this, one at a time is faster: every step has its inversion.</summary>
    public const int MinimalCount = 8;

    private const int SignWords = 5;

    /// <summary>
    /// [scalar]G for every scalar; false, and nothing, in the exceptional case. At most <see cref="MaximalCount"/>.
    /// </summary>
    public static bool TryMultiplyGenerator(ReadOnlySpan<P256Scalar> scalars, Span<P256AffinePoint> products)
    {
        P256Comb comb = P256.GeneratorComb;
        Span<ulong> signs = stackalloc ulong[MaximalCount * SignWords];
        Unsafe.SkipInit(out Sums storage);
        Span<Sum> sums = storage;
        sums = sums[..scalars.Length];
        ToSigns(comb, scalars, signs);
        bool valid = TryAddUp(comb, signs, sums);
        for (int i = 0; valid && i < sums.Length; i++)
        {
            products[i] = new P256AffinePoint { X = sums[i].X.GetLane(0), Y = sums[i].Y.GetLane(0) };
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(sums));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(signs));
        return valid;
    }

    private static void ToSigns(P256Comb comb, ReadOnlySpan<P256Scalar> scalars, Span<ulong> signs)
    {
        Span<ulong> integer = stackalloc ulong[UInt256.Count];
        for (int i = 0; i < scalars.Length; i++)
        {
            scalars[i].CopyIntegerTo(integer);
            comb.ToSigns(integer, signs.Slice(i * SignWords, SignWords));
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(integer));
    }

    private static bool TryAddUp(P256Comb comb, ReadOnlySpan<ulong> signs, Span<Sum> sums)
    {
        SetEntries(comb, signs, 0, sums);
        foreach (ref Sum sum in sums)
        {
            sum.X = sum.Entry.X;
            sum.Y = sum.Entry.Y;
        }

        for (int subComb = 1; subComb < comb.SubCombs; subComb++)
        {
            SetEntries(comb, signs, subComb, sums);
            if (!TryAdd(sums))
            {
                return false;
            }
        }

        return TryAddLanes<LaneOrder.Order1032>(sums) && TryAddLanes<LaneOrder.Order2301>(sums);
    }

    private static void SetEntries(P256Comb comb, ReadOnlySpan<ulong> signs, int subComb, Span<Sum> sums)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            comb.GetEntry(signs.Slice(i * SignWords, SignWords), subComb, column: 0, out sums[i].Entry);
        }
    }

    private static bool TryAddLanes<TOrder>(Span<Sum> sums)
        where TOrder : struct, ILaneOrder
    {
        foreach (ref Sum sum in sums)
        {
            P256Quad.Permute<TOrder>(sum.X, out sum.Entry.X);
            P256Quad.Permute<TOrder>(sum.Y, out sum.Entry.Y);
        }

        return TryAdd(sums);
    }

    /// <summary>
    /// Every sum becomes sum + entry: λ = (y2 - y)/(x2 - x), x' = λ² - x - x2, y' = λ(x - x') - y.
    /// </summary>
    /// <remarks>
    /// Bounds grow, slowly enough: twelve entries bring x to 25 and y to 13, two sums of lanes x to 51 and 103, so that no factor
    /// exceeds 154. Sizes are at most a tenth larger.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static bool TryAdd(Span<Sum> sums)
    {
        P256Quad product = P256Quad.One;
        foreach (ref Sum sum in sums)
        {
            P256Quad.Subtract(sum.Entry.X, sum.X, out sum.Denominator);
            sum.Before = product;
            P256Quad.Multiply(product, sum.Denominator, out product);
        }

        Choice valid = product.TryInvert(out P256Quad inverse);
        for (int i = sums.Length - 1; i >= 0; i--)
        {
            ref Sum sum = ref sums[i];
            P256Quad.Multiply(inverse, sum.Before, out P256Quad own);
            P256Quad.Multiply(inverse, sum.Denominator, out inverse);
            P256Quad.Subtract(sum.Entry.Y, sum.Y, out P256Quad rise);
            P256Quad.Multiply(rise, own, out P256Quad slope);
            P256Quad.Square(slope, out P256Quad x);
            P256Quad.Subtract(x, sum.X, out x);
            P256Quad.Subtract(x, sum.Entry.X, out x);
            P256Quad.Subtract(sum.X, x, out P256Quad step);
            P256Quad.Multiply(slope, step, out P256Quad y);
            P256Quad.Subtract(y, sum.Y, out sum.Y);
            sum.X = x;
        }

        return valid.Reveal();
    }

    private struct Sum
    {
        public P256Quad X;
        public P256Quad Y;
        public P256QuadEntry Entry;
        public P256Quad Denominator;
        public P256Quad Before;
    }

    [InlineArray(MaximalCount)]
    private struct Sums
    {
        private Sum sum;
    }
}

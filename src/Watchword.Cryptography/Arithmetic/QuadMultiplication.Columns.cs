using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <content>Products of digits, summed up by columns.</content>
internal static partial class QuadMultiplication
{
    /// <summary>
    /// high + low grows by a · b, exactly: high takes the product rounded to a multiple of 2^48, low the remainder.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector256<double> a, Vector256<double> b, ref Vector256<double> high, ref Vector256<double> low)
    {
        Vector256<double> sum = Vector256.FusedMultiplyAdd(a, b, high);
        Vector256<double> negative = high - sum;
        high = sum;
        low += Vector256.FusedMultiplyAdd(a, b, negative);
    }

    /// <summary>As before, with two products: the order of the steps leaves no register to be copied between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, ref Vector256<double> high,
        ref Vector256<double> low)
    {
        Vector256<double> first = Vector256.FusedMultiplyAdd(a, b, high);
        Vector256<double> second = Vector256.FusedMultiplyAdd(c, d, first);
        low += Vector256.FusedMultiplyAdd(a, b, high - first);
        high = second;
        low += Vector256.FusedMultiplyAdd(c, d, first - second);
    }

    /// <summary>What is summed up: the digit products of five columns from a diagonal on, as far as one tile row reaches.</summary>
    /// <remarks>A type and not an argument: each gets a loop of its own, with everything in registers.</remarks>
    private interface IDigitProducts
    {
        static abstract void AddDiagonal(
            ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d, int diagonal,
            ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
            ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
            ref Vector256<double> l3, ref Vector256<double> l4);
    }

    /// <summary>A sum of products of digits as 44 columns, which are not carried.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void SumColumns<TProducts>(
        ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d,
        ref Vector256<double> column)
        where TProducts : struct, IDigitProducts
    {
        Vector256<double> start = Vector256.Create(Start);
        Vector256<double> h0 = start, h1 = start, h2 = start, h3 = start, h4 = start;
        Vector256<double> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default;
        Vector256<double> carry = default;
        for (int diagonal = 0; diagonal <= 2 * (N - 2); diagonal += 2)
        {
            TProducts.AddDiagonal(
                ref a, ref b, ref c, ref d, diagonal,
                ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
            carry = StoreColumns(ref Unsafe.Add(ref column, diagonal), h0, h1, l0, l1, carry);
            h0 = h2;
            h1 = h3;
            h2 = h4;
            h3 = h4 = Vector256.Create(Start);
            l0 = l2;
            l1 = l3;
            l2 = l4;
            l3 = l4 = default;
        }

        _ = StoreColumns(ref Unsafe.Add(ref column, ColumnCount - 2), h0, h1, l0, l1, carry);
    }

    /// <summary>The digit products of five columns, as far as one tile row reaches.</summary>
    /// <remarks>
    /// Tiles of two digits of a by four digits of b, those on one diagonal together, so that five columns are at work and none of
    /// them more than twice in a tile: a column waits four cycles for its last sum. The last two digits of b make tiles of two.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AccumulateDiagonal(
        ref Vector256<double> left, ref Vector256<double> right, int diagonal,
        ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
        ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
        ref Vector256<double> l3, ref Vector256<double> l4)
    {
        int j = diagonal <= N - 2 ? 0 : (diagonal - (N - 2) + 3) & ~3;
        int end = Math.Min(diagonal, N - 3);
        ref Vector256<double> a = ref Unsafe.Add(ref left, diagonal - j);
        ref Vector256<double> b = ref Unsafe.Add(ref right, j);
        for (; j <= end; j += 4)
        {
            AccumulateTile(
                a, Unsafe.Add(ref a, 1), ref b, ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
            a = ref Unsafe.Subtract(ref a, 4);
            b = ref Unsafe.Add(ref b, 4);
        }

        if (diagonal >= N - 2)
        {
            a = ref Unsafe.Add(ref left, diagonal - (N - 2));
            b = ref Unsafe.Add(ref right, N - 2);
            AccumulateSmallTile(a, Unsafe.Add(ref a, 1), ref b, ref h0, ref h1, ref h2, ref l0, ref l1, ref l2);
        }
    }

    /// <summary>Two digits of a by four of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AccumulateTile(
        Vector256<double> a0, Vector256<double> a1, ref Vector256<double> b,
        ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
        ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
        ref Vector256<double> l3, ref Vector256<double> l4)
    {
        Vector256<double> b0 = b, b1 = Unsafe.Add(ref b, 1);
        Accumulate(a0, b0, ref h0, ref l0);
        Accumulate(a1, b0, a0, b1, ref h1, ref l1);
        b0 = Unsafe.Add(ref b, 2);
        Accumulate(a1, b1, a0, b0, ref h2, ref l2);
        b1 = Unsafe.Add(ref b, 3);
        Accumulate(a1, b0, a0, b1, ref h3, ref l3);
        Accumulate(a1, b1, ref h4, ref l4);
    }

    /// <summary>Two digits of a by two of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AccumulateSmallTile(
        Vector256<double> a0, Vector256<double> a1, ref Vector256<double> b,
        ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> l0,
        ref Vector256<double> l1, ref Vector256<double> l2)
    {
        Vector256<double> b0 = b, b1 = Unsafe.Add(ref b, 1);
        Accumulate(a0, b0, ref h0, ref l0);
        Accumulate(a1, b0, a0, b1, ref h1, ref l1);
        Accumulate(a1, b1, ref h2, ref l2);
    }

    /// <summary>Two columns that are complete; gives what the second carries into the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> StoreColumns(
        ref Vector256<double> column, Vector256<double> h0, Vector256<double> h1, Vector256<double> l0, Vector256<double> l1,
        Vector256<double> carry)
    {
        column = l0 + carry;
        Unsafe.Add(ref column, 1) = Vector256.FusedMultiplyAdd(h0 - Vector256.Create(Start), Vector256.Create(Quad1024.Down), l1);
        return (h1 - Vector256.Create(Start)) * Vector256.Create(Quad1024.Down);
    }

    /// <summary>a · b.</summary>
    private readonly struct OneProduct : IDigitProducts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void AddDiagonal(
            ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d, int diagonal,
            ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
            ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
            ref Vector256<double> l3, ref Vector256<double> l4) =>
            AccumulateDiagonal(
                ref a, ref b, diagonal,
                ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
    }

    /// <summary>a · b + c · d.</summary>
    private readonly struct TwoProducts : IDigitProducts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void AddDiagonal(
            ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d, int diagonal,
            ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
            ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
            ref Vector256<double> l3, ref Vector256<double> l4)
        {
            AccumulateDiagonal(
                ref a, ref b, diagonal,
                ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
            AccumulateDiagonal(
                ref c, ref d, diagonal,
                ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
        }
    }

    /// <summary>a², products of different digits once, doubled.</summary>
    /// <remarks>
    /// The tiles of <see cref="AccumulateDiagonal"/> that lie wholly above the diagonal of the square, and what the diagonal
    /// cuts: of four digits the upper half of their products with each other, as far as two rows reach.
    /// </remarks>
    private readonly struct OneSquare : IDigitProducts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void AddDiagonal(
            ref Vector256<double> value, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d, int diagonal,
            ref Vector256<double> h0, ref Vector256<double> h1, ref Vector256<double> h2, ref Vector256<double> h3,
            ref Vector256<double> h4, ref Vector256<double> l0, ref Vector256<double> l1, ref Vector256<double> l2,
            ref Vector256<double> l3, ref Vector256<double> l4)
        {
            // The first multiple of four whose double is beyond diagonal + 1.
            int end = Math.Min(diagonal, N - 3);
            for (int j = ((diagonal >> 1) + 4) & ~3; j <= end; j += 4)
            {
                ref Vector256<double> a = ref Unsafe.Add(ref value, diagonal - j);
                Vector256<double> a0 = a + a, a1 = Unsafe.Add(ref a, 1) + Unsafe.Add(ref a, 1);
                AccumulateTile(
                    a0, a1, ref Unsafe.Add(ref value, j),
                    ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
            }

            if (diagonal is >= N - 2 and < 2 * (N - 2))
            {
                ref Vector256<double> a = ref Unsafe.Add(ref value, diagonal - (N - 2));
                Vector256<double> a0 = a + a, a1 = Unsafe.Add(ref a, 1) + Unsafe.Add(ref a, 1);
                AccumulateSmallTile(
                    a0, a1, ref Unsafe.Add(ref value, N - 2), ref h0, ref h1, ref h2, ref l0, ref l1, ref l2);
            }

            if ((diagonal & 3) == 0)
            {
                ref Vector256<double> a = ref Unsafe.Add(ref value, diagonal >> 1);
                Vector256<double> a0 = a, a1 = Unsafe.Add(ref a, 1);
                Vector256<double> twice0 = a0 + a0;
                Accumulate(a0, a0, ref h0, ref l0);
                Accumulate(twice0, a1, ref h1, ref l1);
                Accumulate(a1, a1, ref h2, ref l2);
                if ((diagonal & 7) == 0 && diagonal < 2 * (N - 2))
                {
                    Vector256<double> twice1 = a1 + a1;
                    Vector256<double> a2 = Unsafe.Add(ref a, 2), a3 = Unsafe.Add(ref a, 3);
                    Accumulate(twice0, a2, ref h2, ref l2);
                    Accumulate(twice0, a3, twice1, a2, ref h3, ref l3);
                    Accumulate(twice1, a3, ref h4, ref l4);
                }
            }
        }
    }
}

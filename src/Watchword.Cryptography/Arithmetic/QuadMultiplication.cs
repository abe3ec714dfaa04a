using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Four independent multiplications modulo one modulus of 1024 bits, with fused multiply-add on doubles: one per lane.
/// </summary>
/// <remarks>See Notes/lanes.md for the bounds that make every operation here exact.</remarks>
internal static class QuadMultiplication
{
    private const int N = Quad1024.DigitCount;

    /// <summary>Columns of a product: 43 and the carry out of the last.</summary>
    private const int ColumnCount = 2 * N;

    /// <summary>1.5 · 2^100: sums of products start here, so that their unit in the last place is 2^48.</summary>
    private const double Start = 1.5 * (1UL << 50) * (1UL << 50);

    /// <summary>1.5 · 2^99: adding and subtracting it rounds to a multiple of 2^47.</summary>
    private const double Round = 1.5 * (1UL << 50) * (1UL << 49);

    /// <summary>1.5 · 2^52: adding and subtracting it rounds to an integer.</summary>
    private const double RoundToInteger = 1.5 * (1UL << 52);

    /// <summary>2^-47.</summary>
    private const double Down = 1.0 / (1UL << Quad1024.DigitBits);

    /// <summary>left · right modulo m in each lane, plain; the bounds of the factors multiply to at most 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Multiply(in Quad1024 left, in Quad1024 right, QuadModulus modulus, out Quad1024 product)
    {
        Unsafe.SkipInit(out product);
        Unsafe.SkipInit(out Columns columns);
        ref Vector256<double> column = ref Unsafe.As<Columns, Vector256<double>>(ref columns);
        MultiplyColumns(ref First(in left), ref First(in right), ref column);
        Fold(ref column, modulus, ref First(in product));
    }

    /// <summary>
    /// a · b + c · d modulo m in each lane, plain, with one reduction; the products of the bounds add up to at most 3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void MultiplyAdd(
        in Quad1024 a, in Quad1024 b, in Quad1024 c, in Quad1024 d, QuadModulus modulus, out Quad1024 sum)
    {
        Unsafe.SkipInit(out sum);
        Unsafe.SkipInit(out Columns columns);
        ref Vector256<double> column = ref Unsafe.As<Columns, Vector256<double>>(ref columns);
        MultiplyAddColumns(ref First(in a), ref First(in b), ref First(in c), ref First(in d), ref column);
        Fold(ref column, modulus, ref First(in sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<double> First(in Quad1024 quad) =>
        ref Unsafe.As<Quad1024, Vector256<double>>(ref Unsafe.AsRef(in quad));

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

    /// <summary>The product as 44 columns, digits that are not carried.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyColumns(ref Vector256<double> left, ref Vector256<double> right, ref Vector256<double> column)
    {
        Vector256<double> start = Vector256.Create(Start);
        Vector256<double> h0 = start, h1 = start, h2 = start, h3 = start, h4 = start;
        Vector256<double> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default;
        Vector256<double> carry = default;
        for (int diagonal = 0; diagonal <= 2 * (N - 2); diagonal += 2)
        {
            AccumulateDiagonal(
                ref left, ref right, diagonal, ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
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

    /// <summary>The sum of two products as 44 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyAddColumns(
        ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d,
        ref Vector256<double> column)
    {
        Vector256<double> start = Vector256.Create(Start);
        Vector256<double> h0 = start, h1 = start, h2 = start, h3 = start, h4 = start;
        Vector256<double> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default;
        Vector256<double> carry = default;
        for (int diagonal = 0; diagonal <= 2 * (N - 2); diagonal += 2)
        {
            AccumulateDiagonal(
                ref a, ref b, diagonal, ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
            AccumulateDiagonal(
                ref c, ref d, diagonal, ref h0, ref h1, ref h2, ref h3, ref h4, ref l0, ref l1, ref l2, ref l3, ref l4);
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
            Vector256<double> a0 = a, a1 = Unsafe.Add(ref a, 1);
            Vector256<double> b0 = b, b1 = Unsafe.Add(ref b, 1);
            Accumulate(a0, b0, ref h0, ref l0);
            Accumulate(a1, b0, a0, b1, ref h1, ref l1);
            b0 = Unsafe.Add(ref b, 2);
            Accumulate(a1, b1, a0, b0, ref h2, ref l2);
            b1 = Unsafe.Add(ref b, 3);
            Accumulate(a1, b0, a0, b1, ref h3, ref l3);
            Accumulate(a1, b1, ref h4, ref l4);
            a = ref Unsafe.Subtract(ref a, 4);
            b = ref Unsafe.Add(ref b, 4);
        }

        if (diagonal >= N - 2)
        {
            a = ref Unsafe.Add(ref left, diagonal - (N - 2));
            b = ref Unsafe.Add(ref right, N - 2);
            Vector256<double> a0 = a, a1 = Unsafe.Add(ref a, 1);
            Vector256<double> b0 = b, b1 = Unsafe.Add(ref b, 1);
            Accumulate(a0, b0, ref h0, ref l0);
            Accumulate(a1, b0, a0, b1, ref h1, ref l1);
            Accumulate(a1, b1, ref h2, ref l2);
        }
    }

    /// <summary>Two columns that are complete; gives what the second carries into the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> StoreColumns(
        ref Vector256<double> column, Vector256<double> h0, Vector256<double> h1, Vector256<double> l0, Vector256<double> l1,
        Vector256<double> carry)
    {
        column = l0 + carry;
        Unsafe.Add(ref column, 1) = Vector256.FusedMultiplyAdd(h0 - Vector256.Create(Start), Vector256.Create(Down), l1);
        return (h1 - Vector256.Create(Start)) * Vector256.Create(Down);
    }

    /// <summary>The 44 columns modulo m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(ref Vector256<double> column, QuadModulus modulus, ref Vector256<double> result)
    {
        Unsafe.SkipInit(out Factors factors);
        Unsafe.SkipInit(out FoldedColumns folded);
        ref Vector256<double> factor = ref Unsafe.As<Factors, Vector256<double>>(ref factors);
        ref Vector256<double> sum = ref Unsafe.As<FoldedColumns, Vector256<double>>(ref folded);
        CarryHighDigits(ref Unsafe.Add(ref column, N), ref factor);
        FoldTop(ref factor, modulus, Unsafe.Add(ref column, N - 1), ref Unsafe.Add(ref sum, 2 * (N - 4)));
        for (int i = 0; i < N - 4; i += 6)
        {
            FoldSix(ref factor, ref Unsafe.Add(ref modulus.Folds, i), ref Unsafe.Add(ref sum, 2 * i));
        }

        CarryResult(ref column, ref sum, ref result);
    }

    /// <summary>Digits 22 to 43 of the columns, at most 2^46 + 2^6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CarryHighDigits(ref Vector256<double> column, ref Vector256<double> factor)
    {
        Vector256<double> round = Vector256.Create(Round);
        Vector256<double> down = Vector256.Create(Down);
        Vector256<double> carry = default;
        for (int i = 0; i < N - 1; i++)
        {
            Vector256<double> digit = Unsafe.Add(ref column, i);
            Vector256<double> high = (digit + round) - round;
            Unsafe.Add(ref factor, i) = Vector256.FusedMultiplyAdd(carry, down, digit - high);
            carry = high;
        }

        Unsafe.Add(ref factor, N - 1) = Vector256.FusedMultiplyAdd(carry, down, Unsafe.Add(ref column, N - 1));
    }

    /// <summary>
    /// Columns 18 to 21 of the sum of factors times their residues, and the quotient by the modulus: its negative multiple is row 22.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FoldTop(
        ref Vector256<double> factor, QuadModulus modulus, Vector256<double> topColumn, ref Vector256<double> sum)
    {
        ref double residue = ref Unsafe.Add(ref modulus.Folds, N - 4);
        Vector256<double> start = Vector256.Create(Start);
        Vector256<double> h0 = start, h1 = start, h2 = start, h3 = start;
        Vector256<double> l0 = default, l1 = default, l2 = default, l3 = default;
        for (int row = 0; row < N; row++)
        {
            Vector256<double> digit = Unsafe.Add(ref factor, row);
            Accumulate(digit, Vector256.Create(residue), ref h0, ref l0);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 1)), ref h1, ref l1);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 2)), ref h2, ref l2);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 3)), ref h3, ref l3);
            residue = ref Unsafe.Add(ref residue, N);
        }

        Vector256<double> down = Vector256.Create(Down);
        Vector256<double> high = (h3 - start) * down;
        Vector256<double> top = Vector256.FusedMultiplyAdd(h2 - start, down, l3) + topColumn;
        Vector256<double> quotient = (high * Vector256.Create(modulus.HighDigitQuotient))
            + (top * Vector256.Create(modulus.TopDigitQuotient));
        quotient = (quotient + Vector256.Create(RoundToInteger)) - Vector256.Create(RoundToInteger);
        Unsafe.Add(ref factor, N) = quotient;
        Accumulate(quotient, Vector256.Create(residue), ref h0, ref l0);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 1)), ref h1, ref l1);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 2)), ref h2, ref l2);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 3)), ref h3, ref l3);
        sum = h0 - start;
        Unsafe.Add(ref sum, 1) = l0;
        Unsafe.Add(ref sum, 2) = h1 - start;
        Unsafe.Add(ref sum, 3) = l1;
        Unsafe.Add(ref sum, 4) = h2 - start;
        Unsafe.Add(ref sum, 5) = l2;
        Unsafe.Add(ref sum, 6) = h3 - start;
        Unsafe.Add(ref sum, 7) = l3;
    }

    /// <summary>Six columns of the sum of factors times their residues, the quotient's row included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FoldSix(ref Vector256<double> factor, ref double residue, ref Vector256<double> sum)
    {
        Vector256<double> start = Vector256.Create(Start);
        Vector256<double> h0 = start, h1 = start, h2 = start, h3 = start, h4 = start, h5 = start;
        Vector256<double> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default;
        for (int row = 0; row < QuadModulus.Rows; row++)
        {
            Vector256<double> digit = Unsafe.Add(ref factor, row);
            Accumulate(digit, Vector256.Create(residue), ref h0, ref l0);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 1)), ref h1, ref l1);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 2)), ref h2, ref l2);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 3)), ref h3, ref l3);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 4)), ref h4, ref l4);
            Accumulate(digit, Vector256.Create(Unsafe.Add(ref residue, 5)), ref h5, ref l5);
            residue = ref Unsafe.Add(ref residue, N);
        }

        start = Vector256.Create(Start);
        sum = h0 - start;
        Unsafe.Add(ref sum, 1) = l0;
        Unsafe.Add(ref sum, 2) = h1 - start;
        Unsafe.Add(ref sum, 3) = l1;
        Unsafe.Add(ref sum, 4) = h2 - start;
        Unsafe.Add(ref sum, 5) = l2;
        Unsafe.Add(ref sum, 6) = h3 - start;
        Unsafe.Add(ref sum, 7) = l3;
        Unsafe.Add(ref sum, 8) = h4 - start;
        Unsafe.Add(ref sum, 9) = l4;
        Unsafe.Add(ref sum, 10) = h5 - start;
        Unsafe.Add(ref sum, 11) = l5;
    }

    /// <summary>The low columns and the folded ones as plain digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CarryResult(ref Vector256<double> column, ref Vector256<double> sum, ref Vector256<double> result)
    {
        Vector256<double> round = Vector256.Create(Round);
        Vector256<double> down = Vector256.Create(Down);
        Vector256<double> carry = default;
        Vector256<double> high = default;
        for (int i = 0; i < N - 1; i++)
        {
            // Column and folded column together may exceed 2^53: only the carry is taken from their rounded sum.
            Vector256<double> low = Unsafe.Add(ref column, i);
            Vector256<double> folded = Vector256.FusedMultiplyAdd(high, down, Unsafe.Add(ref sum, 1));
            Vector256<double> next = ((low + folded) + round) - round;
            Unsafe.Add(ref result, i) = Vector256.FusedMultiplyAdd(carry, down, (low - next) + folded);
            carry = next;
            high = sum;
            sum = ref Unsafe.Add(ref sum, 2);
        }

        // The last digit takes what is above: the number is small, so the three cancel but for 2^37.
        Vector256<double> last = Vector256.FusedMultiplyAdd(high, down, Unsafe.Add(ref sum, 1));
        last = (sum + last) + Unsafe.Add(ref column, N - 1);
        Unsafe.Add(ref result, N - 1) = Vector256.FusedMultiplyAdd(carry, down, last);
    }

    [InlineArray(ColumnCount)]
    private struct Columns
    {
        private Vector256<double> column;
    }

    [InlineArray(N + 1)]
    private struct Factors
    {
        private Vector256<double> factor;
    }

    /// <summary>For each of 22 columns the sum of rounded products and the sum of their remainders.</summary>
    [InlineArray(2 * N)]
    private struct FoldedColumns
    {
        private Vector256<double> part;
    }
}

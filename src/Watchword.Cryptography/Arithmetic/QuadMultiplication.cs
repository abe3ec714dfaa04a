using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Four independent multiplications modulo one modulus of 1024 bits, with fused multiply-add on doubles: one per lane.
/// </summary>
/// <remarks>See Notes/lanes.md for the bounds that make every operation here exact.</remarks>
internal static partial class QuadMultiplication
{
    private const int N = Quad1024.DigitCount;

    /// <summary>Columns of a product: 43 and the carry out of the last.</summary>
    private const int ColumnCount = 2 * N;

    /// <summary>1.5 · 2^100: sums of products start here, so that their unit in the last place is 2^48.</summary>
    private const double Start = 1.5 * (1UL << 50) * (1UL << 50);

    /// <summary>left · right modulo m in each lane, plain; the bounds of the factors multiply to at most 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Multiply(in Quad1024 left, in Quad1024 right, QuadModulus modulus, out Quad1024 product)
    {
        Unsafe.SkipInit(out product);
        Unsafe.SkipInit(out Columns columns);
        ref Vector256<double> column = ref Unsafe.As<Columns, Vector256<double>>(ref columns);
        ref Vector256<double> a = ref Quad1024.First(in left);
        ref Vector256<double> b = ref Quad1024.First(in right);
        SumColumns<OneProduct>(ref a, ref b, ref a, ref b, ref column);
        Fold(ref column, modulus, ref Quad1024.First(in product));
    }

    /// <summary>value² modulo m in each lane, plain; the bound of the value is at most 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Square(in Quad1024 value, QuadModulus modulus, out Quad1024 square)
    {
        Unsafe.SkipInit(out square);
        Unsafe.SkipInit(out Columns columns);
        ref Vector256<double> column = ref Unsafe.As<Columns, Vector256<double>>(ref columns);
        ref Vector256<double> a = ref Quad1024.First(in value);
        SumColumns<OneSquare>(ref a, ref a, ref a, ref a, ref column);
        Fold(ref column, modulus, ref Quad1024.First(in square));
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
        SumColumns<TwoProducts>(
            ref Quad1024.First(in a), ref Quad1024.First(in b), ref Quad1024.First(in c), ref Quad1024.First(in d), ref column);
        Fold(ref column, modulus, ref Quad1024.First(in sum));
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
        Vector256<double> round = Vector256.Create(Quad1024.RoundToCarry);
        Vector256<double> down = Vector256.Create(Quad1024.Down);
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
    /// Columns 18 to 21 of the sum of factors times their residues, and the quotient by the modulus: its negative multiple is row
    /// 22.
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

        Vector256<double> down = Vector256.Create(Quad1024.Down);
        Vector256<double> high = (h3 - start) * down;
        Vector256<double> top = Vector256.FusedMultiplyAdd(h2 - start, down, l3) + topColumn;
        Vector256<double> quotient = (high * Vector256.Create(modulus.HighDigitQuotient))
            + (top * Vector256.Create(modulus.TopDigitQuotient));
        quotient = (quotient + Vector256.Create(Quad1024.RoundToInteger)) - Vector256.Create(Quad1024.RoundToInteger);
        Unsafe.Add(ref factor, N) = quotient;
        Accumulate(quotient, Vector256.Create(residue), ref h0, ref l0);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 1)), ref h1, ref l1);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 2)), ref h2, ref l2);
        Accumulate(quotient, Vector256.Create(Unsafe.Add(ref residue, 3)), ref h3, ref l3);
        StoreSum(ref sum, 0, h0, l0);
        StoreSum(ref sum, 1, h1, l1);
        StoreSum(ref sum, 2, h2, l2);
        StoreSum(ref sum, 3, h3, l3);
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

        StoreSum(ref sum, 0, h0, l0);
        StoreSum(ref sum, 1, h1, l1);
        StoreSum(ref sum, 2, h2, l2);
        StoreSum(ref sum, 3, h3, l3);
        StoreSum(ref sum, 4, h4, l4);
        StoreSum(ref sum, 5, h5, l5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSum(ref Vector256<double> sum, int index, Vector256<double> high, Vector256<double> low)
    {
        Unsafe.Add(ref sum, 2 * index) = high - Vector256.Create(Start);
        Unsafe.Add(ref sum, (2 * index) + 1) = low;
    }

    /// <summary>The low columns and the folded ones as plain digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CarryResult(ref Vector256<double> column, ref Vector256<double> sum, ref Vector256<double> result)
    {
        Vector256<double> round = Vector256.Create(Quad1024.RoundToCarry);
        Vector256<double> down = Vector256.Create(Quad1024.Down);
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

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Four independent Montgomery multiplications modulo the prime of P-256, one per lane, with fused multiply-add on doubles: R =
/// 2^264.
/// </summary>
/// <remarks>
/// <para>
/// A column of a product is kept in two parts: the high one starts at 1.5 · 2^100, so that its unit in the last place is 2^48,
/// and takes each product rounded to that; the low one takes the remainders, exactly. Column by column from the bottom the
/// quotient digit is the column itself, since p = -1 modulo 2^96: adding digit · p removes the digit from its column and adds
/// digit · (p + 1), (p + 1)/2^88 = 2^168 - 2^136 + 2^104 + 2^8, to the columns two, four and five above. Nothing is ever rounded
/// away: see Notes/p256-lanes.md for the bounds.
/// </para>
/// <para>The accumulators are locals and the code is without loops, so that they stay in registers.</para>
/// </remarks>
internal static class P256QuadMultiplication
{
    /// <summary>1.5 · 2^100.</summary>
    private const double Start = 1.5 * (1UL << 50) * (1UL << 50);

    /// <summary>1.5 · 2^96: adding and subtracting it rounds to a multiple of 2^44.</summary>
    private const double Round = 1.5 * (1UL << 48) * (1UL << 48);

    /// <summary>2^-44.</summary>
    private const double Down = 1.0 / (1UL << P256Quad.DigitBits);

    /// <summary>2^8: the quotient digit two columns above.</summary>
    private const double TwoAbove = 1 << 8;

    /// <summary>2^16: four columns above.</summary>
    private const double FourAbove = 1 << 16;

    /// <summary>2^36 - 2^4: five columns above.</summary>
    private const double FiveAbove = (1L << 36) - (1 << 4);

    /// <summary>left · right / R, plain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in P256Quad left, in P256Quad right, out P256Quad product)
    {
        Vector256<double> a = left.D0;
        Begin(a, right.D0, out Vector256<double> h0, out Vector256<double> l0);
        Begin(a, right.D1, out Vector256<double> h1, out Vector256<double> l1);
        Begin(a, right.D2, out Vector256<double> h2, out Vector256<double> l2);
        Begin(a, right.D3, out Vector256<double> h3, out Vector256<double> l3);
        Begin(a, right.D4, out Vector256<double> h4, out Vector256<double> l4);
        Begin(a, right.D5, out Vector256<double> h5, out Vector256<double> l5);
        Reduce(l0, ref h2, ref l2, ref h4, ref l4, ref h5, ref l5);

        a = left.D1;
        Accumulate(a, right.D0, ref h1, ref l1);
        Accumulate(a, right.D1, ref h2, ref l2);
        Accumulate(a, right.D2, ref h3, ref l3);
        Accumulate(a, right.D3, ref h4, ref l4);
        Accumulate(a, right.D4, ref h5, ref l5);
        Begin(a, right.D5, out Vector256<double> h6, out Vector256<double> l6);
        Reduce(Column(h0, l1), ref h3, ref l3, ref h5, ref l5, ref h6, ref l6);

        a = left.D2;
        Accumulate(a, right.D0, ref h2, ref l2);
        Accumulate(a, right.D1, ref h3, ref l3);
        Accumulate(a, right.D2, ref h4, ref l4);
        Accumulate(a, right.D3, ref h5, ref l5);
        Accumulate(a, right.D4, ref h6, ref l6);
        Begin(a, right.D5, out Vector256<double> h7, out Vector256<double> l7);
        Reduce(Column(h1, l2), ref h4, ref l4, ref h6, ref l6, ref h7, ref l7);

        a = left.D3;
        Accumulate(a, right.D0, ref h3, ref l3);
        Accumulate(a, right.D1, ref h4, ref l4);
        Accumulate(a, right.D2, ref h5, ref l5);
        Accumulate(a, right.D3, ref h6, ref l6);
        Accumulate(a, right.D4, ref h7, ref l7);
        Begin(a, right.D5, out Vector256<double> h8, out Vector256<double> l8);
        Reduce(Column(h2, l3), ref h5, ref l5, ref h7, ref l7, ref h8, ref l8);

        a = left.D4;
        Accumulate(a, right.D0, ref h4, ref l4);
        Accumulate(a, right.D1, ref h5, ref l5);
        Accumulate(a, right.D2, ref h6, ref l6);
        Accumulate(a, right.D3, ref h7, ref l7);
        Accumulate(a, right.D4, ref h8, ref l8);
        Begin(a, right.D5, out Vector256<double> h9, out Vector256<double> l9);
        Reduce(Column(h3, l4), ref h6, ref l6, ref h8, ref l8, ref h9, ref l9);

        a = left.D5;
        Accumulate(a, right.D0, ref h5, ref l5);
        Accumulate(a, right.D1, ref h6, ref l6);
        Accumulate(a, right.D2, ref h7, ref l7);
        Accumulate(a, right.D3, ref h8, ref l8);
        Accumulate(a, right.D4, ref h9, ref l9);
        Begin(a, right.D5, out Vector256<double> h10, out Vector256<double> l10);
        Vector256<double> carry = SplitLast(Column(h4, l5), out Vector256<double> quotient);
        Reduce(quotient, ref h7, ref l7, ref h9, ref l9, ref h10, ref l10);
        Finish(carry, h5, l6, h6, l7, h7, l8, h8, l9, h9, l10, h10, out product);
    }

    /// <summary>value² / R, plain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(in P256Quad value, out P256Quad square)
    {
        Vector256<double> a = value.D0;
        Begin(a, a, out Vector256<double> h0, out Vector256<double> l0);
        a += a;
        Begin(a, value.D1, out Vector256<double> h1, out Vector256<double> l1);
        Begin(a, value.D2, out Vector256<double> h2, out Vector256<double> l2);
        Begin(a, value.D3, out Vector256<double> h3, out Vector256<double> l3);
        Begin(a, value.D4, out Vector256<double> h4, out Vector256<double> l4);
        Begin(a, value.D5, out Vector256<double> h5, out Vector256<double> l5);
        Reduce(l0, ref h2, ref l2, ref h4, ref l4, ref h5, ref l5);

        a = value.D1;
        Accumulate(a, a, ref h2, ref l2);
        a += a;
        Accumulate(a, value.D2, ref h3, ref l3);
        Accumulate(a, value.D3, ref h4, ref l4);
        Accumulate(a, value.D4, ref h5, ref l5);
        Begin(a, value.D5, out Vector256<double> h6, out Vector256<double> l6);
        Reduce(Column(h0, l1), ref h3, ref l3, ref h5, ref l5, ref h6, ref l6);

        a = value.D2;
        Accumulate(a, a, ref h4, ref l4);
        a += a;
        Accumulate(a, value.D3, ref h5, ref l5);
        Accumulate(a, value.D4, ref h6, ref l6);
        Begin(a, value.D5, out Vector256<double> h7, out Vector256<double> l7);
        Reduce(Column(h1, l2), ref h4, ref l4, ref h6, ref l6, ref h7, ref l7);

        a = value.D3;
        Accumulate(a, a, ref h6, ref l6);
        a += a;
        Accumulate(a, value.D4, ref h7, ref l7);
        Begin(a, value.D5, out Vector256<double> h8, out Vector256<double> l8);
        Reduce(Column(h2, l3), ref h5, ref l5, ref h7, ref l7, ref h8, ref l8);

        a = value.D4;
        Accumulate(a, a, ref h8, ref l8);
        a += a;
        Begin(a, value.D5, out Vector256<double> h9, out Vector256<double> l9);
        Reduce(Column(h3, l4), ref h6, ref l6, ref h8, ref l8, ref h9, ref l9);

        a = value.D5;
        Begin(a, a, out Vector256<double> h10, out Vector256<double> l10);
        Vector256<double> carry = SplitLast(Column(h4, l5), out Vector256<double> quotient);
        Reduce(quotient, ref h7, ref l7, ref h9, ref l9, ref h10, ref l10);
        Finish(carry, h5, l6, h6, l7, h7, l8, h8, l9, h9, l10, h10, out square);
    }

    /// <summary>(a · b + c · d) / R, plain, with one reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyAdd(in P256Quad a, in P256Quad b, in P256Quad c, in P256Quad d, out P256Quad sum)
    {
        Vector256<double> x = a.D0, y = c.D0;
        BeginTwo(x, b.D0, y, d.D0, out Vector256<double> h0, out Vector256<double> l0);
        BeginTwo(x, b.D1, y, d.D1, out Vector256<double> h1, out Vector256<double> l1);
        BeginTwo(x, b.D2, y, d.D2, out Vector256<double> h2, out Vector256<double> l2);
        BeginTwo(x, b.D3, y, d.D3, out Vector256<double> h3, out Vector256<double> l3);
        BeginTwo(x, b.D4, y, d.D4, out Vector256<double> h4, out Vector256<double> l4);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h5, out Vector256<double> l5);
        Reduce(l0, ref h2, ref l2, ref h4, ref l4, ref h5, ref l5);

        x = a.D1;
        y = c.D1;
        AccumulateTwo(x, b.D0, y, d.D0, ref h1, ref l1);
        AccumulateTwo(x, b.D1, y, d.D1, ref h2, ref l2);
        AccumulateTwo(x, b.D2, y, d.D2, ref h3, ref l3);
        AccumulateTwo(x, b.D3, y, d.D3, ref h4, ref l4);
        AccumulateTwo(x, b.D4, y, d.D4, ref h5, ref l5);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h6, out Vector256<double> l6);
        Reduce(Column(h0, l1), ref h3, ref l3, ref h5, ref l5, ref h6, ref l6);

        x = a.D2;
        y = c.D2;
        AccumulateTwo(x, b.D0, y, d.D0, ref h2, ref l2);
        AccumulateTwo(x, b.D1, y, d.D1, ref h3, ref l3);
        AccumulateTwo(x, b.D2, y, d.D2, ref h4, ref l4);
        AccumulateTwo(x, b.D3, y, d.D3, ref h5, ref l5);
        AccumulateTwo(x, b.D4, y, d.D4, ref h6, ref l6);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h7, out Vector256<double> l7);
        Reduce(Column(h1, l2), ref h4, ref l4, ref h6, ref l6, ref h7, ref l7);

        x = a.D3;
        y = c.D3;
        AccumulateTwo(x, b.D0, y, d.D0, ref h3, ref l3);
        AccumulateTwo(x, b.D1, y, d.D1, ref h4, ref l4);
        AccumulateTwo(x, b.D2, y, d.D2, ref h5, ref l5);
        AccumulateTwo(x, b.D3, y, d.D3, ref h6, ref l6);
        AccumulateTwo(x, b.D4, y, d.D4, ref h7, ref l7);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h8, out Vector256<double> l8);
        Reduce(Column(h2, l3), ref h5, ref l5, ref h7, ref l7, ref h8, ref l8);

        x = a.D4;
        y = c.D4;
        AccumulateTwo(x, b.D0, y, d.D0, ref h4, ref l4);
        AccumulateTwo(x, b.D1, y, d.D1, ref h5, ref l5);
        AccumulateTwo(x, b.D2, y, d.D2, ref h6, ref l6);
        AccumulateTwo(x, b.D3, y, d.D3, ref h7, ref l7);
        AccumulateTwo(x, b.D4, y, d.D4, ref h8, ref l8);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h9, out Vector256<double> l9);
        Reduce(Column(h3, l4), ref h6, ref l6, ref h8, ref l8, ref h9, ref l9);

        x = a.D5;
        y = c.D5;
        AccumulateTwo(x, b.D0, y, d.D0, ref h5, ref l5);
        AccumulateTwo(x, b.D1, y, d.D1, ref h6, ref l6);
        AccumulateTwo(x, b.D2, y, d.D2, ref h7, ref l7);
        AccumulateTwo(x, b.D3, y, d.D3, ref h8, ref l8);
        AccumulateTwo(x, b.D4, y, d.D4, ref h9, ref l9);
        BeginTwo(x, b.D5, y, d.D5, out Vector256<double> h10, out Vector256<double> l10);
        Vector256<double> carry = SplitLast(Column(h4, l5), out Vector256<double> quotient);
        Reduce(quotient, ref h7, ref l7, ref h9, ref l9, ref h10, ref l10);
        Finish(carry, h5, l6, h6, l7, h7, l8, h8, l9, h9, l10, h10, out sum);
    }

    /// <summary>The first product of a column: high + low = 1.5 · 2^100 + a · b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin(Vector256<double> a, Vector256<double> b, out Vector256<double> high, out Vector256<double> low)
    {
        high = Vector256.FusedMultiplyAdd(a, b, Vector256.Create(Start));
        low = Vector256.FusedMultiplyAdd(a, b, Vector256.Create(Start) - high);
    }

    /// <summary>high + low grows by a · b, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector256<double> a, Vector256<double> b, ref Vector256<double> high, ref Vector256<double> low)
    {
        Vector256<double> sum = Vector256.FusedMultiplyAdd(a, b, high);
        Vector256<double> negative = high - sum;
        high = sum;
        low += Vector256.FusedMultiplyAdd(a, b, negative);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BeginTwo(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d,
        out Vector256<double> high, out Vector256<double> low)
    {
        Begin(a, b, out high, out low);
        Accumulate(c, d, ref high, ref low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AccumulateTwo(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d,
        ref Vector256<double> high, ref Vector256<double> low)
    {
        Accumulate(a, b, ref high, ref low);
        Accumulate(c, d, ref high, ref low);
    }

    /// <summary>Adds quotient · (p + 1) to the columns two, four and five above its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(
        Vector256<double> quotient, ref Vector256<double> h2, ref Vector256<double> l2,
        ref Vector256<double> h4, ref Vector256<double> l4, ref Vector256<double> h5, ref Vector256<double> l5)
    {
        Accumulate(quotient, Vector256.Create(TwoAbove), ref h2, ref l2);
        Accumulate(quotient, Vector256.Create(FourAbove), ref h4, ref l4);
        Accumulate(quotient, Vector256.Create(FiveAbove), ref h5, ref l5);
    }

    /// <summary>The value of a column: its low part and the high part of the column below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Column(Vector256<double> highBelow, Vector256<double> low) =>
        Vector256.FusedMultiplyAdd(highBelow - Vector256.Create(Start), Vector256.Create(Down), low);

    /// <summary>
    /// The last quotient digit is a true digit, at most 2^43, so that the result is small. Gives what it leaves for the next
    /// column, a multiple of 2^44.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> SplitLast(Vector256<double> column, out Vector256<double> quotient)
    {
        Vector256<double> carry = (column + Vector256.Create(Round)) - Vector256.Create(Round);
        quotient = column - carry;
        return carry;
    }

    /// <summary>Columns 6 to 11 as digits, with one carry from each to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector256<double> carry, Vector256<double> h5, Vector256<double> l6, Vector256<double> h6, Vector256<double> l7,
        Vector256<double> h7, Vector256<double> l8, Vector256<double> h8, Vector256<double> l9, Vector256<double> h9,
        Vector256<double> l10, Vector256<double> h10, out P256Quad result)
    {
        Vector256<double> down = Vector256.Create(Down);
        Vector256<double> c6 = Vector256.FusedMultiplyAdd((h5 - Vector256.Create(Start)) + carry, down, l6);
        Vector256<double> digit = c6;
        Vector256<double> up = (digit + Vector256.Create(Round)) - Vector256.Create(Round);
        result.D0 = digit - up;
        Next(Column(h6, l7), ref up, out result.D1);
        Next(Column(h7, l8), ref up, out result.D2);
        Next(Column(h8, l9), ref up, out result.D3);
        Next(Column(h9, l10), ref up, out result.D4);
        Vector256<double> last = (h10 - Vector256.Create(Start)) + up;
        result.D5 = last * down;
    }

    /// <summary>The digit of a column with the carry from below, which is not carried on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next(Vector256<double> column, ref Vector256<double> carry, out Vector256<double> digit)
    {
        Vector256<double> up = (column + Vector256.Create(Round)) - Vector256.Create(Round);
        digit = Vector256.FusedMultiplyAdd(carry, Vector256.Create(Down), column - up);
        carry = up;
    }
}

using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Arithmetic modulo an odd m of L limbs, with R = 2^(64 L). Arguments and destination may be the same spans.
/// </summary>
internal static class Montgomery
{
    /// <summary>
    /// left · right / R mod m, fully reduced, by coarsely integrated operand scanning (Koç, Acar, Kaliski, "Analyzing and
    /// Comparing Montgomery Multiplication Algorithms", 1996, §5), both inner loops in one.
    /// </summary>
    /// <remarks>
    /// Bounds: right below m, left any L limbs. Then the sum before the last step is below 2m, since
    /// (left · right + k · m) / R with k below R is below m + m; one conditional subtraction makes it canonical.
    /// </remarks>
    public static void Multiply(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse, Span<ulong> destination)
    {
        int length = modulus.Length;
        Span<ulong> sum = stackalloc ulong[length];
        sum.Clear();
        ulong top = 0;
        left = left[..length];
        right = right[..length];
        for (int i = 0; i < length; i++)
        {
            ulong factor = left[i];
            ulong productCarry = 0;
            ulong low = MultiplyAdd(right[0], factor, sum[0], ref productCarry);
            ulong quotient = low * negativeInverse;
            ulong reductionCarry = 0;
            MultiplyAdd(modulus[0], quotient, low, ref reductionCarry);
            for (int j = 1; j < right.Length; j++)
            {
                ulong word = MultiplyAdd(right[j], factor, sum[j], ref productCarry);
                sum[j - 1] = MultiplyAdd(modulus[j], quotient, word, ref reductionCarry);
            }

            ulong carry = 0;
            ulong partial = Limbs.AddWithCarry(top, productCarry, ref carry);
            ulong carry2 = 0;
            sum[length - 1] = Limbs.AddWithCarry(partial, reductionCarry, ref carry2);
            top = carry + carry2;
        }

        Reduce(sum, top, modulus, destination);
    }

    /// <summary>left + right mod m; both below m.</summary>
    public static void Add(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
    {
        Span<ulong> sum = stackalloc ulong[modulus.Length];
        ulong carry = Limbs.Add(left, right, sum);
        Reduce(sum, carry, modulus, destination);
    }

    /// <summary>left - right mod m; both below m.</summary>
    public static void Subtract(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
    {
        ulong borrow = Limbs.Subtract(left, right, destination);
        ulong mask = 0UL - borrow;
        ulong carry = 0;
        for (int i = 0; i < modulus.Length; i++)
        {
            destination[i] = Limbs.AddWithCarry(destination[i], modulus[i] & mask, ref carry);
        }
    }

    /// <summary>value, whose limb above the span is <paramref name="top"/> (0 or 1), less m if it is at least m; value below 2m.</summary>
    private static void Reduce(ReadOnlySpan<ulong> value, ulong top, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
    {
        Span<ulong> reduced = stackalloc ulong[modulus.Length];
        ulong borrow = Limbs.Subtract(value, modulus, reduced);

        // The subtraction is wanted unless it borrows from a top limb of zero.
        Choice keep = Choice.FromBit(borrow & (top ^ 1));
        for (int i = 0; i < reduced.Length; i++)
        {
            destination[i] = keep.Select(value[i], reduced[i]);
        }
    }

    /// <summary>The low word of a · b + addend + carry, which never exceeds two words; the high word becomes the carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong addend, ref ulong carry)
    {
        UInt128 wide = Math.BigMul(a, b) + addend + carry;
        carry = (ulong)(wide >> 64);
        return (ulong)wide;
    }
}

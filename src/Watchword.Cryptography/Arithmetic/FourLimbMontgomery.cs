using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// The operations of <see cref="Montgomery"/> for four limbs, R = 2^256, without loops: the same results, limb for limb. A
/// reference is to the first of four limbs; arguments and destination may be the same.
/// </summary>
/// <remarks>
/// The loops of the general code keep every limb in memory; here they stay in registers. Constant time: there is no branch.
/// </remarks>
internal static class FourLimbMontgomery
{
    /// <summary>
    /// left · right / R mod m by the steps of <see cref="Montgomery.MultiplyPortable"/>; right below m, left any four limbs.
    /// </summary>
    /// <remarks>
    /// The sum is t + 2^256 top. It is below 2m before each row, so that top is 0 or 1; a row and the multiple of m that makes
    /// the lowest word 0 add less than 2^64 (right + m), and a word is dropped.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ref ulong left, ref ulong right, ref ulong modulus, ulong negativeInverse, ref ulong destination)
    {
        Load(ref right, out ulong b0, out ulong b1, out ulong b2, out ulong b3);
        Load(ref modulus, out ulong m0, out ulong m1, out ulong m2, out ulong m3);
        FirstRow(left, b0, b1, b2, b3, out ulong t0, out ulong t1, out ulong t2, out ulong t3, out ulong top);
        Reduce(m0, m1, m2, m3, negativeInverse, 0, ref t0, ref t1, ref t2, ref t3, ref top);
        ulong carry = AddRow(Unsafe.Add(ref left, 1), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        Reduce(m0, m1, m2, m3, negativeInverse, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        carry = AddRow(Unsafe.Add(ref left, 2), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        Reduce(m0, m1, m2, m3, negativeInverse, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        carry = AddRow(Unsafe.Add(ref left, 3), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        Reduce(m0, m1, m2, m3, negativeInverse, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        Finish(t0, t1, t2, t3, top, m0, m1, m2, m3, ref destination);
    }

    /// <summary>
    /// The same for m = 2^192 m3 + 2^96 - 1, as the prime of P-256 is: -1/m mod 2^64 is 1, so that the lowest word is the
    /// quotient, and its products with three of the four words of m are shifts.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplySparse(ref ulong left, ref ulong right, ref ulong modulus, ref ulong destination)
    {
        Load(ref right, out ulong b0, out ulong b1, out ulong b2, out ulong b3);
        ulong m3 = Unsafe.Add(ref modulus, 3);
        FirstRow(left, b0, b1, b2, b3, out ulong t0, out ulong t1, out ulong t2, out ulong t3, out ulong top);
        ReduceSparse(m3, 0, ref t0, ref t1, ref t2, ref t3, ref top);
        ulong carry = AddRow(Unsafe.Add(ref left, 1), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        ReduceSparse(m3, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        carry = AddRow(Unsafe.Add(ref left, 2), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        ReduceSparse(m3, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        carry = AddRow(Unsafe.Add(ref left, 3), b0, b1, b2, b3, ref t0, ref t1, ref t2, ref t3, ref top);
        ReduceSparse(m3, carry, ref t0, ref t1, ref t2, ref t3, ref top);
        Finish(t0, t1, t2, t3, top, ulong.MaxValue, uint.MaxValue, 0, m3, ref destination);
    }

    /// <summary>True for the moduli of <see cref="MultiplySparse"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSparse(ReadOnlySpan<ulong> modulus) =>
        modulus[0] == ulong.MaxValue && modulus[1] == uint.MaxValue && modulus[2] == 0;

    /// <summary>left + right mod m; both below m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ref ulong left, ref ulong right, ref ulong modulus, ref ulong destination)
    {
        Load(ref modulus, out ulong m0, out ulong m1, out ulong m2, out ulong m3);
        ulong carry = 0;
        ulong t0 = Limbs.AddWithCarry(left, right, ref carry);
        ulong t1 = Limbs.AddWithCarry(Unsafe.Add(ref left, 1), Unsafe.Add(ref right, 1), ref carry);
        ulong t2 = Limbs.AddWithCarry(Unsafe.Add(ref left, 2), Unsafe.Add(ref right, 2), ref carry);
        ulong t3 = Limbs.AddWithCarry(Unsafe.Add(ref left, 3), Unsafe.Add(ref right, 3), ref carry);
        Finish(t0, t1, t2, t3, carry, m0, m1, m2, m3, ref destination);
    }

    /// <summary>left - right mod m; both below m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(ref ulong left, ref ulong right, ref ulong modulus, ref ulong destination)
    {
        ulong borrow = 0;
        ulong t0 = Limbs.SubtractWithBorrow(left, right, ref borrow);
        ulong t1 = Limbs.SubtractWithBorrow(Unsafe.Add(ref left, 1), Unsafe.Add(ref right, 1), ref borrow);
        ulong t2 = Limbs.SubtractWithBorrow(Unsafe.Add(ref left, 2), Unsafe.Add(ref right, 2), ref borrow);
        ulong t3 = Limbs.SubtractWithBorrow(Unsafe.Add(ref left, 3), Unsafe.Add(ref right, 3), ref borrow);
        ulong mask = 0UL - borrow;
        ulong carry = 0;
        t0 = Limbs.AddWithCarry(t0, modulus & mask, ref carry);
        t1 = Limbs.AddWithCarry(t1, Unsafe.Add(ref modulus, 1) & mask, ref carry);
        t2 = Limbs.AddWithCarry(t2, Unsafe.Add(ref modulus, 2) & mask, ref carry);
        t3 += (Unsafe.Add(ref modulus, 3) & mask) + carry;
        Store(t0, t1, t2, t3, ref destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(ref ulong limbs, out ulong x0, out ulong x1, out ulong x2, out ulong x3)
    {
        x0 = limbs;
        x1 = Unsafe.Add(ref limbs, 1);
        x2 = Unsafe.Add(ref limbs, 2);
        x3 = Unsafe.Add(ref limbs, 3);
    }

    /// <summary>
    /// One wide store: the operators above copy a result at once, and a wide load that follows four narrow stores waits for them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ulong x0, ulong x1, ulong x2, ulong x3, ref ulong limbs) =>
        Vector256.Create(x0, x1, x2, x3).StoreUnsafe(ref limbs);

    /// <summary>t + 2^256 top = a · b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FirstRow(
        ulong a, ulong b0, ulong b1, ulong b2, ulong b3,
        out ulong t0, out ulong t1, out ulong t2, out ulong t3, out ulong top)
    {
        top = 0;
        t0 = Limbs.MultiplyAdd(a, b0, 0, ref top);
        t1 = Limbs.MultiplyAdd(a, b1, 0, ref top);
        t2 = Limbs.MultiplyAdd(a, b2, 0, ref top);
        t3 = Limbs.MultiplyAdd(a, b3, 0, ref top);
    }

    /// <summary>t + 2^256 top += a · b; gives the carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddRow(
        ulong a, ulong b0, ulong b1, ulong b2, ulong b3,
        ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong top)
    {
        ulong high = 0;
        t0 = Limbs.MultiplyAdd(a, b0, t0, ref high);
        t1 = Limbs.MultiplyAdd(a, b1, t1, ref high);
        t2 = Limbs.MultiplyAdd(a, b2, t2, ref high);
        t3 = Limbs.MultiplyAdd(a, b3, t3, ref high);
        top += high;
        return Limbs.BitOfLess(top, high);
    }

    /// <summary>t + 2^256 top + 2^320 carry, plus the multiple of m that makes the lowest word 0, less that word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(
        ulong m0, ulong m1, ulong m2, ulong m3, ulong negativeInverse, ulong carry,
        ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong top)
    {
        // The lowest word becomes 0, and carries unless it was 0.
        ulong quotient = t0 * negativeInverse;
        ulong high = Limbs.MultiplyHigh(quotient, m0) + Limbs.BitOfLess(0, t0);
        t0 = Limbs.MultiplyAdd(quotient, m1, t1, ref high);
        t1 = Limbs.MultiplyAdd(quotient, m2, t2, ref high);
        t2 = Limbs.MultiplyAdd(quotient, m3, t3, ref high);
        t3 = top + high;
        top = carry + Limbs.BitOfLess(t3, high);
    }

    /// <summary>The same: q · (2^192 m3 + 2^96 - 1) + q leaves q · 2^96 and q · 2^192 m3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceSparse(
        ulong m3, ulong carry, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong top)
    {
        ulong quotient = t0;
        t0 = t1 + (quotient << 32);
        ulong high = (quotient >> 32) + Limbs.BitOfLess(t0, t1);
        t1 = t2 + high;
        high = Limbs.BitOfLess(t1, high);
        t2 = Limbs.MultiplyAdd(quotient, m3, t3, ref high);
        t3 = top + high;
        top = carry + Limbs.BitOfLess(t3, high);
    }

    /// <summary>t + 2^256 top, less m if it is at least m; it is below 2m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        ulong t0, ulong t1, ulong t2, ulong t3, ulong top, ulong m0, ulong m1, ulong m2, ulong m3, ref ulong destination)
    {
        ulong borrow = 0;
        ulong r0 = Limbs.SubtractWithBorrow(t0, m0, ref borrow);
        ulong r1 = Limbs.SubtractWithBorrow(t1, m1, ref borrow);
        ulong r2 = Limbs.SubtractWithBorrow(t2, m2, ref borrow);
        ulong r3 = Limbs.SubtractWithBorrow(t3, m3, ref borrow);

        // The subtraction is wanted unless it borrows from a top of zero.
        Choice keep = Choice.FromBit(borrow & (top ^ 1));
        Store(keep.Select(t0, r0), keep.Select(t1, r1), keep.Select(t2, r2), keep.Select(t3, r3), ref destination);
    }
}

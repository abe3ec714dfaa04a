using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Arithmetic modulo an odd m of L limbs, with R = 2^(64 L). Every span has exactly L limbs; arguments and destination may be the
/// same. Constant time: the flow depends on L alone.
/// </summary>
/// <remarks>
/// L comes from the type parameter, so the compiler makes one body per size with constant bounds. The spans' lengths are checked
/// once, at the entrance; within, references spare the check per limb. The operations are compiled with optimisation from their
/// first call: a command that imports one key ends before tiered compilation would look at them.
/// </remarks>
internal static class Montgomery
{
    /// <summary>
    /// left · right / R mod m, fully reduced; right below m, left any L limbs. By the fastest way that the processor has.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        if (TLimbs.Count == UInt256.Count)
        {
            ref ulong a = ref Enter<TLimbs>(left);
            ref ulong b = ref Enter<TLimbs>(right);
            ref ulong m = ref Enter<TLimbs>(modulus);
            ref ulong result = ref Enter<TLimbs>(destination);
            if (FourLimbMontgomery.IsSparse(modulus))
            {
                FourLimbMontgomery.MultiplySparse(ref a, ref b, ref m, ref result);
            }
            else
            {
                FourLimbMontgomery.Multiply(ref a, ref b, ref m, negativeInverse, ref result);
            }
        }
        else if (TLimbs.Count == UInt1024.Count && VectorMontgomery.IsSupported && ArithmeticPath.HasVectors)
        {
            VectorMontgomery.Multiply(left, right, modulus, negativeInverse, destination);
        }
        else
        {
            MultiplyPortable<TLimbs>(left, right, modulus, negativeInverse, destination);
        }
    }

    /// <summary>value² / R mod m, fully reduced; the value below m. By the fastest way that the processor has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Square<TLimbs>(
        ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> modulus, ulong negativeInverse, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        if (TLimbs.Count == UInt1024.Count && VectorMontgomery.IsSupported && ArithmeticPath.HasVectors)
        {
            VectorMontgomery.Square(value, modulus, negativeInverse, destination);
        }
        else
        {
            Multiply<TLimbs>(value, value, modulus, negativeInverse, destination);
        }
    }

    /// <summary>
    /// left · right / R mod m, fully reduced, by coarsely integrated operand scanning (Koç, Acar, Kaliski, "Analyzing and
    /// Comparing Montgomery Multiplication Algorithms", 1996, §5), both inner loops in one.
    /// </summary>
    /// <remarks>
    /// Bounds: right below m, left any L limbs. Then the sum before the last step is below 2m, since
    /// (left · right + k · m) / R with k below R is below m + m; one conditional subtraction makes it canonical.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyPortable<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        Unsafe.SkipInit(out TLimbs storage);
        ref ulong sum = ref Unsafe.As<TLimbs, ulong>(ref storage);
        ref ulong a = ref Enter<TLimbs>(left);
        ref ulong b = ref Enter<TLimbs>(right);
        ref ulong m = ref Enter<TLimbs>(modulus);
        ref ulong result = ref Enter<TLimbs>(destination);
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref sum, i) = 0;
        }

        ulong top = 0;
        for (int i = 0; i < TLimbs.Count; i++)
        {
            ulong factor = Unsafe.Add(ref a, i);
            ulong productCarry = 0;
            ulong low = Limbs.MultiplyAdd(b, factor, sum, ref productCarry);
            ulong quotient = low * negativeInverse;
            ulong reductionCarry = 0;
            _ = Limbs.MultiplyAdd(m, quotient, low, ref reductionCarry); // The low word becomes 0.
            for (int j = 1; j < TLimbs.Count; j++)
            {
                ulong word = Limbs.MultiplyAdd(Unsafe.Add(ref b, j), factor, Unsafe.Add(ref sum, j), ref productCarry);
                Unsafe.Add(ref sum, j - 1) = Limbs.MultiplyAdd(Unsafe.Add(ref m, j), quotient, word, ref reductionCarry);
            }

            ulong carry = 0;
            ulong partial = Limbs.AddWithCarry(top, productCarry, ref carry);
            ulong secondCarry = 0;
            Unsafe.Add(ref sum, TLimbs.Count - 1) = Limbs.AddWithCarry(partial, reductionCarry, ref secondCarry);
            top = carry + secondCarry;
        }

        Reduce<TLimbs>(ref sum, top, ref m, ref result);
    }

    /// <summary>left + right mod m; both below m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        if (TLimbs.Count == UInt256.Count)
        {
            FourLimbMontgomery.Add(
                ref Enter<TLimbs>(left), ref Enter<TLimbs>(right), ref Enter<TLimbs>(modulus), ref Enter<TLimbs>(destination));
        }
        else
        {
            AddPortable<TLimbs>(left, right, modulus, destination);
        }
    }

    /// <summary>The same by a loop over the limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddPortable<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        Unsafe.SkipInit(out TLimbs storage);
        ref ulong sum = ref Unsafe.As<TLimbs, ulong>(ref storage);
        ref ulong a = ref Enter<TLimbs>(left);
        ref ulong b = ref Enter<TLimbs>(right);
        ref ulong m = ref Enter<TLimbs>(modulus);
        ref ulong result = ref Enter<TLimbs>(destination);
        ulong carry = 0;
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref sum, i) = Limbs.AddWithCarry(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i), ref carry);
        }

        Reduce<TLimbs>(ref sum, carry, ref m, ref result);
    }

    /// <summary>left - right mod m; both below m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        if (TLimbs.Count == UInt256.Count)
        {
            FourLimbMontgomery.Subtract(
                ref Enter<TLimbs>(left), ref Enter<TLimbs>(right), ref Enter<TLimbs>(modulus), ref Enter<TLimbs>(destination));
        }
        else
        {
            SubtractPortable<TLimbs>(left, right, modulus, destination);
        }
    }

    /// <summary>The same by a loop over the limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractPortable<TLimbs>(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        ref ulong a = ref Enter<TLimbs>(left);
        ref ulong b = ref Enter<TLimbs>(right);
        ref ulong m = ref Enter<TLimbs>(modulus);
        ref ulong result = ref Enter<TLimbs>(destination);
        ulong borrow = 0;
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref result, i) = Limbs.SubtractWithBorrow(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i), ref borrow);
        }

        ulong mask = 0UL - borrow;
        ulong carry = 0;
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref result, i) = Limbs.AddWithCarry(Unsafe.Add(ref result, i), Unsafe.Add(ref m, i) & mask, ref carry);
        }
    }

    /// <summary>As below, for spans of 16 limbs.</summary>
    internal static void Reduce(ReadOnlySpan<ulong> value, ulong top, ReadOnlySpan<ulong> modulus, Span<ulong> destination) =>
        Reduce<UInt1024>(ref Enter<UInt1024>(value), top, ref Enter<UInt1024>(modulus), ref Enter<UInt1024>(destination));

    /// <summary>value + top · R, less m if it is at least m; it is below 2m, and top is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Reduce<TLimbs>(ref ulong value, ulong top, ref ulong modulus, ref ulong result)
        where TLimbs : struct, ILimbs
    {
        Unsafe.SkipInit(out TLimbs storage);
        ref ulong reduced = ref Unsafe.As<TLimbs, ulong>(ref storage);
        ulong borrow = 0;
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref reduced, i) =
                Limbs.SubtractWithBorrow(Unsafe.Add(ref value, i), Unsafe.Add(ref modulus, i), ref borrow);
        }

        // The subtraction is wanted unless it borrows from a top limb of zero.
        Choice keep = Choice.FromBit(borrow & (top ^ 1));
        for (int i = 0; i < TLimbs.Count; i++)
        {
            Unsafe.Add(ref result, i) = keep.Select(Unsafe.Add(ref value, i), Unsafe.Add(ref reduced, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref ulong Enter<TLimbs>(ReadOnlySpan<ulong> span)
        where TLimbs : struct, ILimbs
    {
        if (span.Length != TLimbs.Count)
        {
            ThrowLength();
        }

        return ref MemoryMarshal.GetReference(span);
    }

    private static void ThrowLength() => throw new ArgumentException("Every operand has the limbs of its modulus.");
}

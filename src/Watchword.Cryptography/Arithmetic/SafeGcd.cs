using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Modular inversion in constant time: Bernstein, Yang, "Fast constant-time gcd computation and modular inversion", 2019, with
/// delta starting at 1/2 (Wuille, "Bounds on divsteps iterations in safegcd", where it is called hddivsteps).
/// </summary>
/// <remarks>
/// <para>
/// A number is a row of digits of 61 bits, least significant first; all are in [0, 2^61) but the last, which carries the sign. 61
/// divsteps at a time look at the lowest 64 bits alone; they give a matrix, by which the whole numbers are then multiplied.
/// Notes/inversion.md has the number of steps, the bounds of every digit, and why no sum overflows.
/// </para>
/// <para>Constant time: the flow depends on the number of limbs alone. Whatever derives from the value is erased.</para>
/// </remarks>
internal static class SafeGcd
{
    /// <summary>Bits of a digit, and divsteps of a batch: those of both halves of it.</summary>
    private const int DigitBits = 61;
    private const int FirstHalf = 31;
    private const int SecondHalf = DigitBits - FirstHalf;

    private const ulong DigitMask = (1UL << DigitBits) - 1;

    /// <summary>A digit is shifted by this, so that the high word of a product is what goes to the next digit.</summary>
    private const int Spare = 64 - DigitBits;

    /// <summary>
    /// factor / value · 2^-61 mod m, fully reduced, and 0 if value is 0; m is an odd prime, value and factor are below m. Every
    /// span has the limbs of m; arguments and destination may be the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Invert<TLimbs>(
        ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> factor, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        // One half of the memory holds f, g, d, e; the products of a batch go to the other.
        int size = Digits<TLimbs>();
        Span<ulong> memory = stackalloc ulong[(9 * size) + 4];
        ref Matrix matrix = ref Unsafe.As<ulong, Matrix>(ref memory[9 * size]);
        ref ulong m = ref MemoryMarshal.GetReference(memory);
        ref ulong f = ref Unsafe.Add(ref m, size);
        ref ulong next = ref Unsafe.Add(ref f, 4 * size);
        memory[..(5 * size)].Clear();
        Spread<TLimbs>(modulus, ref f);
        Spread<TLimbs>(value, ref Unsafe.Add(ref f, size));
        Spread<TLimbs>(factor, ref Unsafe.Add(ref f, 3 * size));
        for (int i = 0; i < size; i++)
        {
            Unsafe.Add(ref m, i) = Unsafe.Add(ref f, i) << Spare;
        }

        // f and g go from m and the value to ±1 and 0; d · value = f · factor and e · value = g · factor (mod m) hold throughout.
        long zeta = -1;
        for (int batch = Batches<TLimbs>(); batch > 1; batch--)
        {
            ref ulong d = ref Unsafe.Add(ref f, 2 * size);
            ref ulong nextD = ref Unsafe.Add(ref next, 2 * size);
            _ = Divsteps(LowWord(ref f), LowWord(ref Unsafe.Add(ref f, size)), ref zeta, out matrix);
            Combine<TLimbs>(ref f, matrix.U, matrix.V, ref next);
            Combine<TLimbs>(ref f, matrix.Q, matrix.R, ref Unsafe.Add(ref next, size));
            CombineModulo<TLimbs>(ref d, matrix.U, matrix.V, ref m, negativeInverse, ref nextD);
            CombineModulo<TLimbs>(ref d, matrix.Q, matrix.R, ref m, negativeInverse, ref Unsafe.Add(ref nextD, size));
            ref ulong previous = ref f;
            f = ref next;
            next = ref previous;
        }

        // Of the last batch only d is wanted, and whether f is 1 or -1, of which the two lowest bits tell.
        ulong last = Divsteps(LowWord(ref f), LowWord(ref Unsafe.Add(ref f, size)), ref zeta, out matrix);
        CombineModulo<TLimbs>(ref Unsafe.Add(ref f, 2 * size), matrix.U, matrix.V, ref m, negativeInverse, ref next);

        // d is between -40m and 40m. One more division by 2^61 brings it near [0, m], and takes the sign of f to it. What lies
        // behind d is multiplied by 0.
        long sign = 1 - (long)(last & 2);
        CombineModulo<TLimbs>(ref next, sign, 0, ref m, negativeInverse, ref f);
        Pack<TLimbs>(ref f, ref m, ref next, modulus, destination);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(memory));
    }

    /// <summary>Digits for numbers of the limbs' bits, six more and a sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digits<TLimbs>()
        where TLimbs : struct, ILimbs =>
        ((64 * TLimbs.Count) + 7 + DigitBits - 1) / DigitBits;

    /// <summary>
    /// Wuille's bound, for every m up to 2^3805: floor((3787 log2 m + 2166) / 1644) divsteps take g to 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Batches<TLimbs>()
        where TLimbs : struct, ILimbs =>
        ((((3787 * 64 * TLimbs.Count) + 2166) / 1644) + DigitBits - 1) / DigitBits;

    /// <summary>The lowest 64 bits of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LowWord(ref ulong digits) => digits | (Unsafe.Add(ref digits, 1) << DigitBits);

    /// <summary>
    /// 61 divsteps on the lowest 64 bits of f and g; gives f's lowest bits (three are right) and the matrix of what happened:
    /// f' = (u f + v g) / 2^61, g' = (q f + r g) / 2^61.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Divsteps(ulong f, ulong g, ref long zeta, out Matrix matrix)
    {
        (long u1, long v1, long q1, long r1) = HalfBatch(ref f, ref g, ref zeta, FirstHalf);
        (long u2, long v2, long q2, long r2) = HalfBatch(ref f, ref g, ref zeta, SecondHalf);
        matrix.U = (u2 * u1) + (v2 * q1);
        matrix.V = (u2 * v1) + (v2 * r1);
        matrix.Q = (q2 * u1) + (r2 * q1);
        matrix.R = (q2 * v1) + (r2 * r1);
        return f;
    }

    /// <summary>
    /// At most 31 divsteps. A row (u, v) of the matrix is one word, u + 2^32 v: what a step does to it is linear.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long U, long V, long Q, long R) HalfBatch(ref ulong lowF, ref ulong lowG, ref long minusDelta, int steps)
    {
        ulong f = lowF;
        ulong g = lowG;
        long zeta = minusDelta; // -(delta + 1/2), below 0 if delta is above 0.
        ulong rowF = 1;
        ulong rowG = 1UL << 32;
        for (int i = steps; i > 0; i--)
        {
            // g takes f, or -f if delta > 0, if g is odd. If both, f becomes what g was.
            ulong positive = (ulong)(zeta >> 63);
            ulong odd = 0UL - (g & 1);
            ulong swap = positive & odd;
            ulong change = f ^ g;
            g += ((f ^ positive) - positive) & odd;
            rowG += ((rowF ^ positive) - positive) & odd;
            zeta = (zeta ^ (long)swap) - 1;

            // Of the row this is known by the rowG of now: rowF + (rowG - rowF).
            f ^= change & swap;
            rowF += rowG & swap;
            g >>= 1;
            rowF <<= 1;
        }

        lowF = f;
        lowG = g;
        minusDelta = zeta;
        (long u, long v) = Unpack(rowF);
        (long q, long r) = Unpack(rowG);
        return (u, v, q, r);
    }

    /// <summary>x and y of x + 2^32 y, both above -2^31 and at most 2^31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long X, long Y) Unpack(ulong row)
    {
        const ulong offset = (1UL << 31) - 1;
        ulong x = ((row + offset) & uint.MaxValue) - offset;
        ulong y = ((((row - x) >> 32) + offset) & uint.MaxValue) - offset;
        return ((long)x, (long)y);
    }

    /// <summary>(u a + v b) / 2^61, which is an integer; b lies behind a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine<TLimbs>(ref ulong a, long u, long v, ref ulong result)
        where TLimbs : struct, ILimbs
    {
        int size = Digits<TLimbs>();
        ulong factorA = (ulong)u + (DigitMask + 1);
        ulong factorB = (ulong)v + (DigitMask + 1);
        ulong digitA = a;
        ulong digitB = Unsafe.Add(ref a, size);
        long carry = (long)(Low(factorA, digitA) + Low(factorB, digitB)) >> DigitBits;
        for (nint i = 1; i < size; i++)
        {
            // The offset of the factors, 2^61, makes the number too large by the one digit that is taken away.
            carry += (long)(Limbs.MultiplyHigh(factorA, digitA << Spare) - digitA
                + Limbs.MultiplyHigh(factorB, digitB << Spare) - digitB);
            digitA = Unsafe.Add(ref a, i);
            digitB = Unsafe.Add(ref a, i + size);
            carry += (long)(Low(factorA, digitA) + Low(factorB, digitB));
            Unsafe.Add(ref result, i - 1) = (ulong)carry & DigitMask;
            carry >>= DigitBits;
        }

        Unsafe.Add(ref result, size - 1) = (ulong)carry + SignedHigh(factorA, digitA) + SignedHigh(factorB, digitB);
    }

    /// <summary>
    /// (u a + v b + x m) / 2^61 with the x in [0, 2^61) that makes it an integer; b lies behind a, and m's digits are shifted by
    /// three.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineModulo<TLimbs>(
        ref ulong a, long u, long v, ref ulong m, ulong negativeInverse, ref ulong result)
        where TLimbs : struct, ILimbs
    {
        // Carries are kept too large by two, columns by 2^62, so that a column is never negative.
        const ulong bias = (2UL << DigitBits) - 2;
        int size = Digits<TLimbs>();
        ulong factorA = (ulong)u + (DigitMask + 1);
        ulong factorB = (ulong)v + (DigitMask + 1);
        ulong digitA = a;
        ulong digitB = Unsafe.Add(ref a, size);
        ulong digitM = m;
        ulong sum = Low(factorA, digitA) + Low(factorB, digitB);
        ulong x = (sum * negativeInverse) & DigitMask;
        ulong carry = ((sum + ((x * digitM) >> Spare)) >> DigitBits) + 2;
        for (nint i = 1; i < size; i++)
        {
            carry += Limbs.MultiplyHigh(factorA, digitA << Spare) - digitA
                + Limbs.MultiplyHigh(factorB, digitB << Spare) - digitB
                + Limbs.MultiplyHigh(x, digitM) + bias;
            digitA = Unsafe.Add(ref a, i);
            digitB = Unsafe.Add(ref a, i + size);
            digitM = Unsafe.Add(ref m, i);
            carry += Low(factorA, digitA) + Low(factorB, digitB) + ((x * digitM) >> Spare);
            Unsafe.Add(ref result, i - 1) = carry & DigitMask;
            carry >>= DigitBits;
        }

        Unsafe.Add(ref result, size - 1) =
            carry - 2 + SignedHigh(factorA, digitA) + SignedHigh(factorB, digitB) + Limbs.MultiplyHigh(x, digitM);
    }

    /// <summary>factor · digit mod 2^61, which is u · digit mod 2^61.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Low(ulong factor, ulong digit) => (factor * digit) & DigitMask;

    /// <summary>floor(u · digit / 2^61), the digit being the last of its number and signed; factor is u + 2^61.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SignedHigh(ulong factor, ulong digit) =>
        Limbs.MultiplyHigh(factor, digit << Spare) - (factor & (ulong)((long)digit >> 63)) - digit;

    /// <summary>Limbs as digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread<TLimbs>(ReadOnlySpan<ulong> limbs, ref ulong digits)
        where TLimbs : struct, ILimbs
    {
        ref ulong limb = ref Montgomery.Enter<TLimbs>(limbs);
        for (int i = 0; i < Digits<TLimbs>(); i++)
        {
            int word = i * DigitBits / 64;
            int shift = i * DigitBits % 64;
            ulong above = word + 1 < TLimbs.Count ? Unsafe.Add(ref limb, word + 1) : 0;
            Unsafe.Add(ref digits, i) = ((Unsafe.Add(ref limb, word) >> shift) | (above << 1 << (63 - shift))) & DigitMask;
        }
    }

    /// <summary>A number above -m and below 2m, modulo m, in limbs; m's digits are shifted by three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pack<TLimbs>(
        ref ulong digits, ref ulong m, ref ulong scratch, ReadOnlySpan<ulong> modulus, Span<ulong> destination)
        where TLimbs : struct, ILimbs
    {
        int size = Digits<TLimbs>();
        ulong negative = (ulong)((long)Unsafe.Add(ref digits, size - 1) >> 63);
        ulong carry = 0;
        for (int i = 0; i < size; i++)
        {
            carry += Unsafe.Add(ref digits, i) + ((Unsafe.Add(ref m, i) >> Spare) & negative);
            Unsafe.Add(ref digits, i) = carry & DigitMask;
            carry >>= DigitBits;
        }

        // Digits behind the last, of which a limb may ask for one, count as zero.
        for (int i = 0; i < TLimbs.Count; i++)
        {
            int digit = i * 64 / DigitBits;
            int shift = i * 64 % DigitBits;
            ulong third = digit + 2 < size ? Unsafe.Add(ref digits, digit + 2) : 0;
            Unsafe.Add(ref scratch, i) = (Unsafe.Add(ref digits, digit) >> shift)
                | (Unsafe.Add(ref digits, digit + 1) << (DigitBits - shift)) | (third << DigitBits << (DigitBits - shift));
        }

        ulong top = Unsafe.Add(ref digits, size - 1) >> ((64 * TLimbs.Count) - (DigitBits * (size - 1)));
        Montgomery.Reduce<TLimbs>(
            ref scratch, top, ref Montgomery.Enter<TLimbs>(modulus), ref Montgomery.Enter<TLimbs>(destination));
    }

    private struct Matrix
    {
        public long U;
        public long V;
        public long Q;
        public long R;
    }
}

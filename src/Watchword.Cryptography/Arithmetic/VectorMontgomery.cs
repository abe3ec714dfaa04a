using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Montgomery multiplication of 1024-bit integers with AVX2: the same result, limb for limb, as <see cref="Montgomery"/> gives
/// with R = 2^1024.
/// </summary>
/// <remarks>
/// <para>
/// Within, a number is 37 digits of 28 bits, each in a 64-bit lane; the last has 16. Columns are summed without carrying: at most
/// 37 products a·b and 37 products k·m below 2^56 each stay below 2^63. Four digits of the left factor are taken at a time: the
/// four lowest columns in scalar code, which gives the four quotient digits, the other columns in vectors.
/// </para>
/// <para>
/// 36 quotient digits of 28 bits and a last one of 16 make 1024 bits: that is how R is 2^1024 although 28 does not divide it. The
/// shift by those 16 bits happens when the columns are packed into limbs again.
/// </para>
/// <para>
/// Constant time: the flow is fixed. Digits of the factors stay on the stack until it is used again (Notes/constant-time.md).
/// </para>
/// </remarks>
internal static partial class VectorMontgomery
{
    private const int LimbCount = 16;
    private const int DigitBits = 28;
    private const ulong DigitMask = (1UL << DigitBits) - 1;

    /// <summary>Digits below the last one; they are taken in blocks of <see cref="Block"/>.</summary>
    private const int LastDigit = 36;
    private const int Block = 4;

    /// <summary>
    /// A spread number has zero lanes before and behind its digits, for loads that begin up to three lanes early.
    /// </summary>
    private const int SpreadLanes = Block + 44;
    private const int ColumnLanes = LastDigit + 40;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>
    /// left · right / 2^1024 mod m, fully reduced; right below m, left any 16 limbs. Destination and arguments may be the same.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, ReadOnlySpan<ulong> modulus, ulong negativeInverse,
        Span<ulong> destination)
    {
        Span<ulong> leftDigits = stackalloc ulong[SpreadLanes];
        Span<ulong> rightDigits = stackalloc ulong[SpreadLanes];
        Span<ulong> modulusDigits = stackalloc ulong[SpreadLanes];
        Span<ulong> columns = stackalloc ulong[ColumnLanes];
        Spread(left, leftDigits);
        Spread(right, rightDigits);
        Spread(modulus, modulusDigits);
        columns.Clear();
        ref ulong a = ref Unsafe.Add(ref MemoryMarshal.GetReference(leftDigits), Block);
        ref ulong b = ref Unsafe.Add(ref MemoryMarshal.GetReference(rightDigits), Block);
        ref ulong m = ref Unsafe.Add(ref MemoryMarshal.GetReference(modulusDigits), Block);
        ref ulong column = ref MemoryMarshal.GetReference(columns);

        ulong carry = 0;
        for (int i = 0; i < LastDigit; i += Block)
        {
            carry = AddBlock(ref Unsafe.Add(ref column, i), ref Unsafe.Add(ref a, i), ref b, ref m, negativeInverse, carry);
        }

        ref ulong rest = ref Unsafe.Add(ref column, LastDigit);
        ulong factor = Unsafe.Add(ref a, LastDigit);
        ulong quotient = ((rest + carry + (factor * b)) * negativeInverse) & 0xFFFF;
        Vector256<uint> factors = Vector256.Create(factor).AsUInt32();
        Vector256<uint> quotients = Vector256.Create(quotient).AsUInt32();
        for (nint j = 0; j < 40; j += 4)
        {
            (Load(ref rest, j) + Product(factors, ref b, j) + Product(quotients, ref m, j)).StoreUnsafe(ref rest, (nuint)j);
        }

        Span<ulong> packed = leftDigits[..LimbCount];
        ulong top = Pack(ref rest, carry, packed);
        Montgomery.Reduce(packed, top, modulus, destination);
    }

    /// <summary>
    /// Adds four digits of a times b, and the four multiples of m that make the lowest four columns 0; gives the carry out of
    /// those.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddBlock(ref ulong column, ref ulong a, ref ulong b, ref ulong m, ulong negativeInverse, ulong carry)
    {
        ulong a0 = a, a1 = Unsafe.Add(ref a, 1), a2 = Unsafe.Add(ref a, 2), a3 = Unsafe.Add(ref a, 3);
        ulong b0 = b, b1 = Unsafe.Add(ref b, 1), b2 = Unsafe.Add(ref b, 2), b3 = Unsafe.Add(ref b, 3);
        ulong m0 = m, m1 = Unsafe.Add(ref m, 1), m2 = Unsafe.Add(ref m, 2), m3 = Unsafe.Add(ref m, 3);

        ulong sum = column + carry + (a0 * b0);
        ulong q0 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q0 * m0)) >> DigitBits;

        sum = Unsafe.Add(ref column, 1) + carry + (a0 * b1) + (a1 * b0) + (q0 * m1);
        ulong q1 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q1 * m0)) >> DigitBits;

        sum = Unsafe.Add(ref column, 2) + carry + (a0 * b2) + (a1 * b1) + (a2 * b0) + (q0 * m2) + (q1 * m1);
        ulong q2 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q2 * m0)) >> DigitBits;

        sum = Unsafe.Add(ref column, 3) + carry + (a0 * b3) + (a1 * b2) + (a2 * b1) + (a3 * b0)
            + (q0 * m3) + (q1 * m2) + (q2 * m1);
        ulong q3 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q3 * m0)) >> DigitBits;

        Vector256<uint> factor0 = Vector256.Create(a0).AsUInt32();
        Vector256<uint> factor1 = Vector256.Create(a1).AsUInt32();
        Vector256<uint> factor2 = Vector256.Create(a2).AsUInt32();
        Vector256<uint> factor3 = Vector256.Create(a3).AsUInt32();
        Vector256<uint> quotient0 = Vector256.Create(q0).AsUInt32();
        Vector256<uint> quotient1 = Vector256.Create(q1).AsUInt32();
        Vector256<uint> quotient2 = Vector256.Create(q2).AsUInt32();
        Vector256<uint> quotient3 = Vector256.Create(q3).AsUInt32();
        for (nint j = Block; j < 40; j += 4)
        {
            // Digit t of the block meets digit j - t of the other factor in column j.
            Vector256<ulong> products = Product(factor0, ref b, j) + Product(factor1, ref b, j - 1)
                + (Product(factor2, ref b, j - 2) + Product(factor3, ref b, j - 3));
            Vector256<ulong> reductions = Product(quotient0, ref m, j) + Product(quotient1, ref m, j - 1)
                + (Product(quotient2, ref m, j - 2) + Product(quotient3, ref m, j - 3));
            (Load(ref column, j) + products + reductions).StoreUnsafe(ref column, (nuint)j);
        }

        return carry;
    }

    /// <summary>Four lanes from an index on; of native size, so that no load waits for the extension of its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Load(ref ulong lanes, nint index) => Vector256.LoadUnsafe(ref Unsafe.Add(ref lanes, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Product(Vector256<uint> factor, ref ulong lanes, nint index) =>
        Avx2.Multiply(factor, Load(ref lanes, index).AsUInt32());

    /// <summary>16 limbs as 37 digits, one per lane, with zero lanes around them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(ReadOnlySpan<ulong> limbs, Span<ulong> lanes)
    {
        lanes[..Block].Clear();
        lanes[(Block + LastDigit)..].Clear();
        ref byte octets = ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetReference(limbs));
        ref ulong digit = ref Unsafe.Add(ref MemoryMarshal.GetReference(lanes), Block);

        // This access is also the check that there are 16 limbs.
        Unsafe.Add(ref digit, LastDigit) = limbs[LimbCount - 1] >> 48;

        // Two digits are seven octets (x86 is little-endian). The last load ends with octet 127.
        for (int i = 0; i < LastDigit; i += 2)
        {
            Unsafe.Add(ref digit, i) = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref octets, i / 2 * 7)) & DigitMask;
            Unsafe.Add(ref digit, i + 1) = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref octets, (i / 2 * 7) + 3)) >> 4;
        }
    }

    /// <summary>(carry + the columns) / 2^16 as 16 limbs and the one above, which is 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pack(ref ulong columns, ulong carry, Span<ulong> limbs)
    {
        carry += columns;
        ulong word = (carry & DigitMask) >> 16;
        carry >>= DigitBits;
        int filled = DigitBits - 16;
        int limb = 0;
        for (int i = 1; i <= LastDigit; i++)
        {
            carry += Unsafe.Add(ref columns, i);
            ulong digit = carry & DigitMask;
            carry >>= DigitBits;
            word |= digit << filled;
            filled += DigitBits;
            if (filled >= 64)
            {
                limbs[limb++] = word;
                filled -= 64;
                word = digit >> (DigitBits - filled);
            }
        }

        // 12 + 36 · 28 = 1020 bits are out; the last carry begins with the four that are missing.
        limbs[limb] = word | (carry << filled);
        return carry >> (64 - filled);
    }
}

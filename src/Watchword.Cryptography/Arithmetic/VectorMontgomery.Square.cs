using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <content>Squaring: products of different digits once, doubled.</content>
internal static partial class VectorMontgomery
{
    /// <summary>
    /// value² / 2^1024 mod m, fully reduced; the value below m. Destination and value may be the same.
    /// </summary>
    /// <remarks>
    /// The columns hold the same sums as those of <see cref="Multiply"/>, and doubled digits are below 2^29: the bounds are the same.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(
        ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> modulus, ulong negativeInverse, Span<ulong> destination)
    {
        Span<ulong> digits = stackalloc ulong[SpreadLanes];
        Span<ulong> laterDigits = stackalloc ulong[SpreadLanes];
        Span<ulong> modulusDigits = stackalloc ulong[SpreadLanes];
        Span<ulong> columns = stackalloc ulong[ColumnLanes];
        Spread(value, digits);
        digits.CopyTo(laterDigits);
        Spread(modulus, modulusDigits);
        columns.Clear();
        ref ulong a = ref Unsafe.Add(ref MemoryMarshal.GetReference(digits), Block);
        ref ulong later = ref Unsafe.Add(ref MemoryMarshal.GetReference(laterDigits), Block);
        ref ulong m = ref Unsafe.Add(ref MemoryMarshal.GetReference(modulusDigits), Block);
        ref ulong column = ref MemoryMarshal.GetReference(columns);
        ulong last = Unsafe.Add(ref a, LastDigit);
        Unsafe.Add(ref column, 2 * LastDigit) = last * last;
        ulong carry = 0;
        for (nint i = 0; i < LastDigit; i += Block)
        {
            carry = AddSquareBlock(ref column, ref a, ref later, ref m, i, negativeInverse, carry);
        }

        ref ulong rest = ref Unsafe.Add(ref column, LastDigit);
        ulong quotient = ((rest + carry) * negativeInverse) & 0xFFFF;
        Vector256<uint> quotients = Vector256.Create(quotient).AsUInt32();
        for (nint j = 0; j < 40; j += 4)
        {
            (Load(ref rest, j) + Product(quotients, ref m, j)).StoreUnsafe(ref rest, (nuint)j);
        }

        Span<ulong> packed = digits[..LimbCount];
        ulong top = Pack(ref rest, carry, packed);
        Montgomery.Reduce(packed, top, modulus, destination);
    }

    /// <summary>
    /// Four digits from index i on: their products with each other, and doubled with all later digits; and the four multiples of m that
    /// make the columns from i on 0, which no later digit reaches. Gives the carry out of those.
    /// </summary>
    /// <remarks>
    /// From here on the four count as zero among the later digits, so that the vectors next to them take nothing twice.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddSquareBlock(
        ref ulong column, ref ulong a, ref ulong later, ref ulong m, nint i, ulong negativeInverse, ulong carry)
    {
        ulong a0 = Unsafe.Add(ref a, i), a1 = Unsafe.Add(ref a, i + 1);
        ulong a2 = Unsafe.Add(ref a, i + 2), a3 = Unsafe.Add(ref a, i + 3);
        Vector256<ulong>.Zero.StoreUnsafe(ref later, (nuint)i);
        ref ulong diagonal = ref Unsafe.Add(ref column, 2 * i);
        diagonal += a0 * a0;
        Unsafe.Add(ref diagonal, 1) += 2 * a0 * a1;
        Unsafe.Add(ref diagonal, 2) += (a1 * a1) + (2 * a0 * a2);
        Unsafe.Add(ref diagonal, 3) += 2 * ((a0 * a3) + (a1 * a2));
        Unsafe.Add(ref diagonal, 4) += (a2 * a2) + (2 * a1 * a3);
        Unsafe.Add(ref diagonal, 5) += 2 * a2 * a3;
        Unsafe.Add(ref diagonal, 6) += a3 * a3;

        column = ref Unsafe.Add(ref column, i);
        ulong m0 = m, m1 = Unsafe.Add(ref m, 1), m2 = Unsafe.Add(ref m, 2), m3 = Unsafe.Add(ref m, 3);
        ulong sum = column + carry;
        ulong q0 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q0 * m0)) >> DigitBits;
        sum = Unsafe.Add(ref column, 1) + carry + (q0 * m1);
        ulong q1 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q1 * m0)) >> DigitBits;
        sum = Unsafe.Add(ref column, 2) + carry + (q0 * m2) + (q1 * m1);
        ulong q2 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q2 * m0)) >> DigitBits;
        sum = Unsafe.Add(ref column, 3) + carry + (q0 * m3) + (q1 * m2) + (q2 * m1);
        ulong q3 = (sum * negativeInverse) & DigitMask;
        carry = (sum + (q3 * m0)) >> DigitBits;

        Vector256<uint> quotient0 = Vector256.Create(q0).AsUInt32();
        Vector256<uint> quotient1 = Vector256.Create(q1).AsUInt32();
        Vector256<uint> quotient2 = Vector256.Create(q2).AsUInt32();
        Vector256<uint> quotient3 = Vector256.Create(q3).AsUInt32();
        nint j = Block;
        for (; j < i + Block; j += 4)
        {
            Vector256<ulong> reductions = Product(quotient0, ref m, j) + Product(quotient1, ref m, j - 1)
                + (Product(quotient2, ref m, j - 2) + Product(quotient3, ref m, j - 3));
            (Load(ref column, j) + reductions).StoreUnsafe(ref column, (nuint)j);
        }

        Vector256<uint> factor0 = Vector256.Create(2 * a0).AsUInt32();
        Vector256<uint> factor1 = Vector256.Create(2 * a1).AsUInt32();
        Vector256<uint> factor2 = Vector256.Create(2 * a2).AsUInt32();
        Vector256<uint> factor3 = Vector256.Create(2 * a3).AsUInt32();
        for (; j < 40; j += 4)
        {
            // Digit t of the block meets digit j - t of the later ones, or of m, in column i + j.
            Vector256<ulong> products = Product(factor0, ref later, j) + Product(factor1, ref later, j - 1)
                + (Product(factor2, ref later, j - 2) + Product(factor3, ref later, j - 3));
            Vector256<ulong> reductions = Product(quotient0, ref m, j) + Product(quotient1, ref m, j - 1)
                + (Product(quotient2, ref m, j - 2) + Product(quotient3, ref m, j - 3));
            (Load(ref column, j) + products + reductions).StoreUnsafe(ref column, (nuint)j);
        }

        return carry;
    }
}

using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>Between limbs and the digits of <see cref="Quad1024"/>. Constant time.</summary>
internal static class QuadConversion
{
    private const int Bits = Quad1024.DigitBits;
    private const ulong Mask = (1UL << Bits) - 1;
    private const int LimbCount = 16;

    /// <summary>
    /// Numbers may lie 2^7 times the modulus above or below 0: far more than the sums of any formula reach.
    /// </summary>
    private const int ExcessBits = 7;

    /// <summary>The digits, each from -2^46 to 2^46, of an integer of 16 limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToDigits(ReadOnlySpan<ulong> limbs, Span<double> digits)
    {
        ulong carry = 0;
        for (int i = 0; i < Quad1024.DigitCount; i++)
        {
            int limb = i * Bits / 64;
            int shift = i * Bits % 64;
            ulong word = limbs[limb] >> shift;
            if (shift > 64 - Bits && limb + 1 < LimbCount)
            {
                word |= limbs[limb + 1] << (64 - shift);
            }

            // A digit of more than 2^46 gives 2^47 to the next. The last has 37 bits and gives nothing.
            word = (word & Mask) + carry;
            carry = (word + (1UL << (Bits - 1)) - 1) >> Bits;
            digits[i] = (long)(word - (carry << Bits));
        }
    }

    /// <summary>
    /// The integer of 22 digits modulo m as 16 limbs below m. Digits are integers below 2^52 in absolute value, and the number is
    /// below 2^1030, also in absolute value.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToLimbs(ReadOnlySpan<double> digits, ReadOnlySpan<ulong> modulus, Span<ulong> limbs)
    {
        // 17 limbs of number + 2^7 m, which is positive: the highest bit of m is set. The sum is below 2^8 m.
        Span<ulong> wide = stackalloc ulong[LimbCount + 1];
        ulong high = 0;
        for (int i = 0; i < LimbCount; i++)
        {
            wide[i] = (modulus[i] << ExcessBits) | high;
            high = modulus[i] >> (64 - ExcessBits);
        }

        wide[LimbCount] = high;
        AddDigits(digits, wide);

        // A binary division by shifted multiples of m: 2^7 m, 2^6 m, .. m.
        Span<ulong> multiple = stackalloc ulong[LimbCount + 1];
        Span<ulong> difference = stackalloc ulong[LimbCount + 1];
        for (int shift = ExcessBits; shift >= 0; shift--)
        {
            high = 0;
            for (int i = 0; i < LimbCount; i++)
            {
                multiple[i] = (modulus[i] << shift) | high;
                high = shift == 0 ? 0 : modulus[i] >> (64 - shift);
            }

            multiple[LimbCount] = high;
            ulong borrow = 0;
            for (int i = 0; i <= LimbCount; i++)
            {
                difference[i] = Limbs.SubtractWithBorrow(wide[i], multiple[i], ref borrow);
            }

            Limbs.ConditionalAssign(wide, difference, !Choice.FromBit(borrow));
        }

        wide[..LimbCount].CopyTo(limbs);
        wide.Clear();
        difference.Clear();
    }

    /// <summary>Adds the digits times their powers of 2^47, as a two's complement integer of 17 limbs.</summary>
    private static void AddDigits(ReadOnlySpan<double> digits, Span<ulong> wide)
    {
        // Digits become unsigned by carrying: running is the signed rest, shifted down digit by digit.
        long running = 0;
        ulong carry = 0;
        ulong word = 0;
        int filled = 0;
        int limb = 0;
        for (int i = 0; i < Quad1024.DigitCount; i++)
        {
            running += (long)digits[i];
            ulong digit = (ulong)running & Mask;
            running >>= Bits;
            word |= digit << filled;
            filled += Bits;
            if (filled >= 64)
            {
                wide[limb] = Limbs.AddWithCarry(wide[limb], word, ref carry);
                limb++;
                filled -= 64;
                word = digit >> (Bits - filled);
            }
        }

        // 22 · 47 = 16 · 64 + 10: the rest goes on top, with its sign.
        wide[LimbCount] = Limbs.AddWithCarry(wide[LimbCount], word | ((ulong)running << filled), ref carry);
    }
}

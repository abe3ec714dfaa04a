using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>The steps of the Miller loop: one per signed digit of q - 1 below the top one. Public.</summary>
/// <remarks>
/// The loop runs over the non-adjacent form of q - 1 where RFC 6508 §3.2 runs over its bits; Notes/pairing.md says why the value is the
/// same.
/// </remarks>
internal static class MillerSchedule
{
    /// <summary>The digits, -1, 0 or 1, most significant first. Every step doubles; a digit other than 0 also adds.</summary>
    public static sbyte[] Digits { get; } = SignedDigits(SakkeOrder.Value);

    /// <summary>The lines in their order: which step, and the digit of an addition or 0 for a doubling.</summary>
    public static (int Step, sbyte Added)[] Lines { get; } = ListLines(Digits);

    private static (int Step, sbyte Added)[] ListLines(sbyte[] digits)
    {
        List<(int Step, sbyte Added)> lines = [];
        for (int i = 0; i < digits.Length; i++)
        {
            lines.Add((i, 0));
            if (digits[i] != 0)
            {
                lines.Add((i, digits[i]));
            }
        }

        return [.. lines];
    }

    private static sbyte[] SignedDigits(ReadOnlySpan<ulong> order)
    {
        Span<ulong> rest = stackalloc ulong[order.Length];
        order.CopyTo(rest);
        rest[0]--; // q is odd.
        List<sbyte> digits = [];
        while (!Limbs.IsZero(rest).Reveal())
        {
            // 1 mod 4 gives 1, 3 mod 4 gives -1, which carries upwards; q has two bits to spare in its limbs.
            int digit = (rest[0] & 1) == 0 ? 0 : 2 - (int)(rest[0] & 3);
            digits.Add((sbyte)digit);
            ulong carry = digit < 0 ? 1UL : 0UL;
            rest[0] &= ~1UL;
            for (int i = 0; i < rest.Length; i++)
            {
                rest[i] = (rest[i] >> 1) | (i + 1 < rest.Length ? rest[i + 1] << 63 : 0);
            }

            for (int i = 0; i < rest.Length; i++)
            {
                rest[i] = Limbs.AddWithCarry(rest[i], 0, ref carry);
            }
        }

        digits.RemoveAt(digits.Count - 1);
        digits.Reverse();
        return [.. digits];
    }
}

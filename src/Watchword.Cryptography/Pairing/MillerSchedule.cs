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

    /// <summary>The lines in their order: 0 for the tangent of a doubling, the digit for the line of an addition.</summary>
    public static sbyte[] Lines { get; } = ListLines(Digits);

    /// <summary>What is done at once with stored lines: two steps of which the first adds nothing, or one.</summary>
    public static MillerChunk[] Chunks { get; } = ListChunks(Digits);

    private static sbyte[] ListLines(sbyte[] digits)
    {
        List<sbyte> lines = [];
        foreach (sbyte digit in digits)
        {
            lines.Add(0);
            if (digit != 0)
            {
                lines.Add(digit);
            }
        }

        return [.. lines];
    }

    private static MillerChunk[] ListChunks(sbyte[] digits)
    {
        List<MillerChunk> chunks = [];
        int line = 0;
        for (int i = 0; i < digits.Length;)
        {
            int doublings = digits[i] == 0 && i + 1 < digits.Length ? 2 : 1;
            sbyte added = digits[i + doublings - 1];
            chunks.Add(new MillerChunk(line, doublings, added));
            line += doublings + (added == 0 ? 0 : 1);
            i += doublings;
        }

        return [.. chunks];
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

/// <summary>One or two doublings in a row, and an addition behind them or none.</summary>
/// <param name="FirstLine">The index of the first doubling's line.</param>
/// <param name="Doublings">1 or 2.</param>
/// <param name="Added">The digit of the addition, or 0 for none.</param>
internal readonly record struct MillerChunk(int FirstLine, int Doublings, sbyte Added)
{
    /// <summary>The index of the addition's line, where there is one.</summary>
    public int AddedLine => FirstLine + Doublings;
}

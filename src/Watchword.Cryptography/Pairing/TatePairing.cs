using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>The pairing &lt;R, Q&gt; of RFC 6508 §3.2: the Tate pairing of R with the image (-x, iy) of Q.</summary>
/// <remarks>
/// <para>
/// It is symmetric on the subgroup of order q, which is cyclic: &lt;[a]P, [b]P&gt; = g^(ab). A caller may put either point first.
/// </para>
/// <para>
/// The flow depends on q - 1 alone, never on the points. The loop runs over the signed digits (NAF) of q - 1 where the RFC runs
/// over its bits: Miller functions f_m f_n l/v = f_(m+n) hold for any chain, and the vertical lines v, f_(-1) among them, take
/// values in F_p at the image of Q, so the class in PF_p is the same. Its third fewer additions are why.
/// </para>
/// </remarks>
internal static class TatePairing
{
    /// <summary>The signed digits of q - 1, most significant first, below the top one.</summary>
    private static readonly sbyte[] Digits = SignedDigits(SakkeOrder.Value);

    /// <summary>
    /// The pairing of two points. <paramref name="accumulated"/> is of order q and not infinity; <paramref name="evaluated"/> is
    /// any point of the curve but infinity: outside the subgroup of order q the value is meaningless, yet harmless.
    /// </summary>
    public static TargetGroupElement Pair(in SakkeAffinePoint accumulated, in SakkeAffinePoint evaluated)
    {
        MillerLoopResult miller = MillerLoop(accumulated, evaluated);
        TargetGroupElement value = miller.FinalPower();
        miller.Clear();
        return value;
    }

    public static MillerLoopResult MillerLoop(in SakkeAffinePoint accumulated, in SakkeAffinePoint evaluated)
    {
        SakkeAffinePoint negative = new() { X = accumulated.X, Y = -accumulated.Y };
        MillerPoint running = new(accumulated);
        SakkeQuadraticElement value = SakkeQuadraticElement.One;
        foreach (sbyte digit in Digits)
        {
            SakkeQuadraticElement line = running.DoubleWithLine(evaluated);
            value = value.Square() * line;
            if (digit != 0)
            {
                line = running.AddWithLine(digit > 0 ? accumulated : negative, evaluated);
                value *= line;
            }
        }

        running.Clear();
        negative.Clear();
        return new MillerLoopResult { Value = value };
    }

    private static sbyte[] SignedDigits(ReadOnlySpan<ulong> order)
    {
        Span<ulong> rest = stackalloc ulong[order.Length];
        order.CopyTo(rest);
        rest[0]--; // q is odd.
        List<sbyte> digits = [];
        while (!Arithmetic.Limbs.IsZero(rest).Reveal())
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
                rest[i] = Arithmetic.Limbs.AddWithCarry(rest[i], 0, ref carry);
            }
        }

        digits.RemoveAt(digits.Count - 1);
        digits.Reverse();
        return [.. digits];
    }
}

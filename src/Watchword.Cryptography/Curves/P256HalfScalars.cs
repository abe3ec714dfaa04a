using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// A public scalar k as a quotient of two of half the length: k = numerator / denominator modulo q (Antipa, Brown, Gallant,
/// Lambert, Struik, Vanstone, "Accelerated Verification of ECDSA Signatures", SAC 2005). Whether [k]P = Q is seen from
/// [numerator]P = [denominator]Q, as q is prime and the denominator is not 0.
/// </summary>
internal static class P256HalfScalars
{
    /// <summary>
    /// Numerator and denominator below 2^128 of k other than 0; true if the quotient is to be taken negative. The time shows k.
    /// </summary>
    /// <remarks>
    /// Euclid's algorithm on q and k, ended halfway: rests r and factors t with r = t k modulo q, where t changes its sign from
    /// step to step, and t times the rest before is at most q. A step is done by shifts: the rest before loses r 2^n, and its t
    /// gets t 2^n.
    /// </remarks>
    public static bool SplitVarTime(ReadOnlySpan<ulong> k, out UInt128 numerator, out UInt128 denominator)
    {
        Wide before = new(P256Order.Value);
        Wide rest = new(k);
        UInt128 factorBefore = 0;
        UInt128 factor = 1;
        bool negative = false;
        while (rest.High != 0)
        {
            while (Wide.TrySubtractShifted(ref before, rest, out int shift))
            {
                factorBefore += factor << shift;
            }

            (before, rest) = (rest, before);
            (factorBefore, factor) = (factor, factorBefore);
            negative = !negative;
        }

        numerator = rest.Low;
        denominator = factor;
        return negative;
    }

    /// <summary>The limbs of a scalar below 2^128.</summary>
    public static void CopyTo(UInt128 scalar, Span<ulong> words)
    {
        words.Clear();
        words[0] = (ulong)scalar;
        words[1] = (ulong)(scalar >> 64);
    }

    private struct Wide(ReadOnlySpan<ulong> words)
    {
        public UInt128 High = new(words[3], words[2]);
        public UInt128 Low = new(words[1], words[0]);

        private readonly int BitLength => High == 0
            ? 128 - (int)UInt128.LeadingZeroCount(Low)
            : 256 - (int)UInt128.LeadingZeroCount(High);

        /// <summary>
        /// Takes off the largest multiple of b by a power of 2 that value is not smaller than; false if value is below b. b is at
        /// least 2^128.
        /// </summary>
        public static bool TrySubtractShifted(ref Wide value, in Wide b, out int shift)
        {
            shift = value.BitLength - b.BitLength;
            if (shift < 0)
            {
                return false;
            }

            Wide multiple = b;
            if (shift > 0)
            {
                multiple.High = (b.High << shift) | (b.Low >> (128 - shift));
                multiple.Low = b.Low << shift;
            }

            if (multiple.High > value.High || (multiple.High == value.High && multiple.Low > value.Low))
            {
                if (shift == 0)
                {
                    return false;
                }

                shift--;
                multiple.Low = (multiple.Low >> 1) | (multiple.High << 127);
                multiple.High >>= 1;
            }

            UInt128 low = value.Low - multiple.Low;
            value.High -= multiple.High + (low > value.Low ? UInt128.One : 0);
            value.Low = low;
            return true;
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Multiples of points of P-256 that are met for the first time, by public scalars: time and memory accesses show both.
/// </summary>
internal static class P256VarTime
{
    /// <summary>Digits of the scalar are odd, below 2^(Width - 1), or 0; at most one of Width neighbours is not 0.</summary>
    private const int Width = 5;
    private const int MultipleCount = 1 << (Width - 2);
    private const int DigitCount = 257;

    /// <summary>[scalar]point in lane 0 and infinity in the other lanes; the scalar is below the order.</summary>
    public static void Multiply(in P256Point point, ReadOnlySpan<ulong> scalar, out P256QuadPoint product)
    {
        if (!ArithmeticPath.HasVectors || !TryMultiply(point, scalar, out product))
        {
            product = P256QuadPoint.Identity;
            product.SetLane(0, VarTimeMultiplication.Multiply(point, scalar));
        }
    }

    /// <summary>
    /// As above, with the addition that is not complete; false for the scalars that meet its exceptions (0, and a few whose last
    /// addition is one of equal or opposite points).
    /// </summary>
    internal static bool TryMultiply(in P256Point point, ReadOnlySpan<ulong> scalar, out P256QuadPoint product)
    {
        Span<sbyte> digits = stackalloc sbyte[DigitCount];
        int index = Recode(scalar, digits);
        if (index < 0)
        {
            Unsafe.SkipInit(out product);
            return false;
        }

        Unsafe.SkipInit(out Multiples multiples);
        FillOddMultiples(point, multiples);
        Unsafe.SkipInit(out P256Quad addend);
        Select(multiples, digits[index], ref addend);
        P256Chain.Start(addend, out P256Chain chain);
        while (--index >= 0)
        {
            if (digits[index] == 0)
            {
                P256Chain.Double(ref chain);
            }
            else
            {
                Select(multiples, digits[index], ref addend);
                P256Chain.DoubleAdd(ref chain, addend);
            }
        }

        return chain.TryGetVarTime(out product);
    }

    /// <summary>
    /// The non-adjacent form of a width (Solinas, "Efficient Arithmetic on Koblitz Curves", 2000); the index of its highest
    /// digit.
    /// </summary>
    private static int Recode(ReadOnlySpan<ulong> scalar, Span<sbyte> digits)
    {
        digits.Clear();
        int highest = -1;
        int carry = 0;
        for (int i = 0; i < DigitCount;)
        {
            int word = i / 64;
            int shift = i % 64;
            ulong bits = word < scalar.Length ? scalar[word] >> shift : 0;
            bits |= shift > 64 - Width && word + 1 < scalar.Length ? scalar[word + 1] << (64 - shift) : 0;
            int window = (int)(bits & ((1 << Width) - 1)) + carry;
            if ((window & 1) == 0)
            {
                i++;
                continue;
            }

            // An odd window above half takes 2^Width off and lends one to the next.
            window &= (1 << Width) - 1;
            carry = window >> (Width - 1);
            digits[i] = (sbyte)(window - (carry << Width));
            highest = i;
            i += Width;
        }

        return highest;
    }

    /// <summary>The multiples 1, 3, .. 15, affine: x in lane 2, y in lane 0.</summary>
    private static void FillOddMultiples(in P256Point point, Span<P256Quad> multiples)
    {
        P256QuadPoint twice = P256QuadPoint.Broadcast(point);
        P256QuadPoint low = twice;
        P256LaneGroup.Double(ref twice);
        P256QuadPoint fourfold = twice;
        P256LaneGroup.Double(ref fourfold);

        // 1, 3, 1, 3, then 1, 3, 5, 7, and 9, 11, 13, 15: infinity is added where nothing is.
        P256QuadPoint step = P256QuadPoint.Identity;
        P256QuadPoint.Select(LaneMask.Odd, twice, step, out P256QuadPoint odd);
        P256LaneGroup.Add(ref low, odd);
        P256QuadPoint.Select(LaneMask.High, fourfold, step, out P256QuadPoint high);
        P256LaneGroup.Add(ref low, high);
        P256LaneGroup.Double(ref fourfold);
        P256LaneGroup.Add(ref fourfold, low);
        Unsafe.SkipInit(out EntryPair entries);
        P256LaneGroup.ToEntriesVarTime([low, fourfold], entries);
        for (int i = 0; i < MultipleCount; i++)
        {
            entries[i / 4].CopyLane(i % 4, ref multiples[i]);
        }
    }

    /// <summary>The multiple of a digit, negated for a negative one.</summary>
    private static void Select(ReadOnlySpan<P256Quad> multiples, int digit, ref P256Quad addend)
    {
        addend = multiples[Math.Abs(digit) / 2];
        if (digit < 0)
        {
            addend.NegateIn(LaneMask.Lane0.AsUInt64());
        }
    }

    [InlineArray(MultipleCount)]
    private struct Multiples
    {
        private P256Quad multiple;
    }

    [InlineArray(2)]
    private struct EntryPair
    {
        private P256QuadEntry entry;
    }
}

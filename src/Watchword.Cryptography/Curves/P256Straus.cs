using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Sums of multiples of many points of P-256 by public scalars with shared doublings (Straus, "Addition chains of vectors",
/// 1964), a sum in each lane. Time and memory accesses show points and scalars.
/// </summary>
/// <remarks>
/// Digits of four signs, never zero, as <see cref="LaneComb{TGroup,TPoint,TEntry}"/> has them; so the lanes need no digit to be
/// skipped. The formulas are complete, thus right for all points.
/// </remarks>
internal static class P256Straus
{
    /// <summary>Multiples of each point: 1, 3, .. 15.</summary>
    public const int MultipleCount = 8;

    private const int Teeth = 4;
    private const int DigitsPerWord = 64 / Teeth;
    private const int Lanes = P256Quad.Lanes;

    /// <summary>In each lane the sum of the [scalar]point of that lane.</summary>
    /// <param name="points">The points, four at a time.</param>
    /// <param name="scalars">Odd scalars of <paramref name="words"/> words each, in the order of the points and their
    /// lanes.</param>
    /// <param name="words">Words of a scalar.</param>
    /// <param name="multiples">Work space: <see cref="MultipleCount"/> for each of the points.</param>
    /// <param name="sum">The sums.</param>
    public static void MultiplyVarTime(
        ReadOnlySpan<P256QuadPoint> points, ReadOnlySpan<ulong> scalars, int words, Span<P256QuadPoint> multiples,
        out P256QuadPoint sum)
    {
        for (int i = 0; i < points.Length; i++)
        {
            FillOddMultiples(points[i], multiples.Slice(i * MultipleCount, MultipleCount));
        }

        sum = P256QuadPoint.Identity;
        for (int digit = (DigitsPerWord * words) - 1; digit >= 0; digit--)
        {
            for (int i = 0; i < Teeth && digit != (DigitsPerWord * words) - 1; i++)
            {
                P256LaneGroup.Double(ref sum);
            }

            for (int i = 0; i < points.Length; i++)
            {
                ReadOnlySpan<ulong> own = scalars.Slice(i * Lanes * words, Lanes * words);
                Select(ref multiples[i * MultipleCount], Digits(own, words, digit), out P256QuadPoint addend);
                P256LaneGroup.Add(ref sum, addend);
            }
        }
    }

    private static void FillOddMultiples(in P256QuadPoint point, Span<P256QuadPoint> multiples)
    {
        P256QuadPoint twice = point;
        P256LaneGroup.Double(ref twice);
        multiples[0] = point;
        for (int i = 1; i < multiples.Length; i++)
        {
            multiples[i] = multiples[i - 1];
            P256LaneGroup.Add(ref multiples[i], twice);
        }
    }

    /// <summary>Bits of (scalar + 2^L - 1)/2, L being the bits of the words: sign i is 1 or -1 as bit i is 1 or 0.</summary>
    private static Vector256<ulong> Digits(ReadOnlySpan<ulong> scalars, int words, int digit)
    {
        int start = digit * Teeth;
        Unsafe.SkipInit(out Vector256<ulong> digits);
        for (int lane = 0; lane < Lanes; lane++)
        {
            ReadOnlySpan<ulong> scalar = scalars.Slice(lane * words, words);

            // One place higher in the scalar, whose lowest bit is 1 and says nothing; above it stands a 1.
            int shift = (start % 64) + 1;
            ulong word = scalar[start / 64] >> shift;
            if (shift > 64 - Teeth)
            {
                ulong next = (start / 64) + 1 < words ? scalar[(start / 64) + 1] : 1;
                word |= next << (64 - shift);
            }

            digits = digits.WithElement(lane, word & ((1 << Teeth) - 1));
        }

        return digits;
    }

    /// <summary>
    /// In each lane the multiple of its digit; a digit whose highest sign is -1 is the negative of its complement.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Select(ref P256QuadPoint multiples, Vector256<ulong> digits, out P256QuadPoint addend)
    {
        Unsafe.SkipInit(out addend);
        Vector256<ulong> negative = (digits >> (Teeth - 1)) - Vector256<ulong>.One;
        Vector256<ulong> index = (digits ^ negative) & Vector256.Create((ulong)(MultipleCount - 1));
        ref double source0 = ref LaneOf(ref Unsafe.Add(ref multiples, (nint)index[0]), 0);
        ref double source1 = ref LaneOf(ref Unsafe.Add(ref multiples, (nint)index[1]), 1);
        ref double source2 = ref LaneOf(ref Unsafe.Add(ref multiples, (nint)index[2]), 2);
        ref double source3 = ref LaneOf(ref Unsafe.Add(ref multiples, (nint)index[3]), 3);
        ref Vector256<double> target = ref Unsafe.As<P256QuadPoint, Vector256<double>>(ref addend);
        for (int i = 0; i < Unsafe.SizeOf<P256QuadPoint>() / Unsafe.SizeOf<Vector256<double>>(); i++)
        {
            int offset = Lanes * i;
            Unsafe.Add(ref target, i) = Vector256.Create(
                Unsafe.Add(ref source0, offset), Unsafe.Add(ref source1, offset), Unsafe.Add(ref source2, offset),
                Unsafe.Add(ref source3, offset));
        }

        addend.Y.NegateIn(negative);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref double LaneOf(ref P256QuadPoint point, int lane) =>
        ref Unsafe.Add(ref Unsafe.As<P256QuadPoint, double>(ref point), lane);
}

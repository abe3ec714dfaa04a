using System.Numerics;
using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Curves;

/// <summary>Multiplication by public scalars; its time and its memory accesses show them.</summary>
internal static class VarTimeMultiplication
{
    private const int Window = 4;

    /// <summary>[scalar]element with windows of four bits; the scalar as limbs, least significant first.</summary>
    public static TElement Multiply<TElement>(in TElement element, ReadOnlySpan<ulong> scalar)
        where TElement : struct, IGroupElement<TElement>
    {
        Multiples<TElement> multiples = default;
        Fill(multiples, element);
        TElement sum = TElement.Identity;
        for (int window = (64 / Window * scalar.Length) - 1; window >= 0; window--)
        {
            sum = sum.Double().Double().Double().Double();
            int digit = Digit(scalar, window);
            sum = digit == 0 ? sum : sum + multiples[digit];
        }

        return sum;
    }

    private static int Digit(ReadOnlySpan<ulong> scalar, int window) =>
        (int)(scalar[window * Window / 64] >> (window * Window % 64)) & ((1 << Window) - 1);

    private static void Fill<TElement>(Span<TElement> multiples, in TElement element)
        where TElement : struct, IGroupElement<TElement>
    {
        multiples[0] = TElement.Identity;
        multiples[1] = element;
        for (int i = 2; i < multiples.Length; i++)
        {
            multiples[i] = BitOperations.IsPow2(i) ? multiples[i / 2].Double() : multiples[i - 1] + element;
        }
    }

    [InlineArray(1 << Window)]
    private struct Multiples<TElement>
    {
        private TElement multiple;
    }
}

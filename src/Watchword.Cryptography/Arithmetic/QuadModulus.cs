using System.Runtime.InteropServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>What <see cref="QuadMultiplication"/> needs to know of a modulus of 1024 bits: public constants, made once.</summary>
internal sealed class QuadModulus
{
    /// <summary>Rows of <see cref="Folds"/>: one for each digit above, and the negative of the modulus.</summary>
    public const int Rows = Quad1024.DigitCount + 1;

    /// <summary>Bits in the 22 digits.</summary>
    private const int DigitsBits = Quad1024.DigitCount * Quad1024.DigitBits;

    private readonly double[] folds = GC.AllocateArray<double>(Rows * Quad1024.DigitCount, pinned: true);

    /// <param name="modulus">The modulus m as 16 limbs, its highest bit set.</param>
    /// <param name="rSquared">2^2048 mod m.</param>
    /// <param name="negativeInverse">-1/m mod 2^64.</param>
    public QuadModulus(ReadOnlySpan<ulong> modulus, ReadOnlySpan<ulong> rSquared, ulong negativeInverse)
    {
        Limbs = modulus.ToArray();
        RSquared = rSquared.ToArray();
        NegativeInverse = negativeInverse;
        UInt1024 storage = default;
        Span<ulong> power = storage;
        power[0] = 1;
        Double(power, DigitsBits);
        for (int row = 0; row < Quad1024.DigitCount; row++)
        {
            WriteNearest(power, folds.AsSpan(row * Quad1024.DigitCount, Quad1024.DigitCount));
            Double(power, Quad1024.DigitBits);
        }

        Span<double> last = folds.AsSpan(Quad1024.DigitCount * Quad1024.DigitCount);
        QuadConversion.ToDigits(modulus, last);
        foreach (ref double digit in last)
        {
            digit = -digit;
        }

        // The modulus to 53 bits is enough: the quotient is rounded to the nearest integer, and being wrong by one half is
        // allowed.
        double top = modulus[^1] * Math.ScaleB(1, 960);
        top += modulus[^2] * Math.ScaleB(1, 896);
        HighDigitQuotient = Math.ScaleB(1, 1000) / top * Math.ScaleB(1, DigitsBits - 1000);
        TopDigitQuotient = HighDigitQuotient * Math.ScaleB(1, -Quad1024.DigitBits);
    }

    public ulong[] Limbs { get; }

    public ulong[] RSquared { get; }

    public ulong NegativeInverse { get; }

    /// <summary>2^1034 divided by the modulus.</summary>
    public double HighDigitQuotient { get; }

    /// <summary>2^987 divided by the modulus.</summary>
    public double TopDigitQuotient { get; }

    /// <summary>
    /// Row j of 22 digits: the residue of 2^(1034 + 47 j) that is smallest in absolute value, thus at most half the modulus; the
    /// last row: minus the modulus. Digits are at most 2^46 in absolute value.
    /// </summary>
    public ref double Folds => ref MemoryMarshal.GetArrayDataReference(folds);

    /// <summary>The digits of minus the modulus: the last row of <see cref="Folds"/>.</summary>
    public ref double Negative => ref folds[Quad1024.DigitCount * Quad1024.DigitCount];

    private void Double(Span<ulong> value, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Montgomery.Add<UInt1024>(value, value, Limbs, value);
        }
    }

    /// <summary>The digits of value or of value - modulus, whichever is nearer to 0.</summary>
    private void WriteNearest(ReadOnlySpan<ulong> value, Span<double> digits)
    {
        UInt1024 storage = default;
        Span<ulong> negative = storage;
        Montgomery.Subtract<UInt1024>(negative, value, Limbs, negative);
        bool nearer = Arithmetic.Limbs.IsLess(negative, value).Reveal();
        QuadConversion.ToDigits(nearer ? negative : value, digits);
        for (int i = 0; nearer && i < digits.Length; i++)
        {
            digits[i] = -digits[i];
        }
    }
}

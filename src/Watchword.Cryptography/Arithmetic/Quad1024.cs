using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Four integers of about 1024 bits side by side, one per lane: 22 signed digits to the base 2^47, least significant first, each
/// an integer held in a double. The default is zero in every lane.
/// </summary>
/// <remarks>
/// <para>
/// A number is <em>plain</em> if its digits are at most 2^46 + 2^7 in absolute value and the number itself is below 2^1023.5: so
/// are the results of multiplication and of <see cref="QuadArithmetic.Combine"/>. Sums and differences add digit by digit and
/// carry nothing; a number has the <em>bound</em> n if it is the sum of n plain ones. Multiplication takes factors whose bounds
/// multiply to at most 4 (<see cref="QuadMultiplication"/>).
/// </para>
/// <para>
/// All these doubles are integers below 2^53, so that adding them is exact. None is subnormal, and none is infinite or not a
/// number.
/// </para>
/// </remarks>
[InlineArray(DigitCount)]
internal struct Quad1024
{
    public const int DigitCount = 22;

    public const int DigitBits = 47;

    public const int Lanes = 4;

    /// <summary>1.5 · 2^99: adding and subtracting it rounds to a multiple of 2^47.</summary>
    public const double RoundToCarry = 1.5 * (1UL << 50) * (1UL << 49);

    /// <summary>1.5 · 2^52: adding and subtracting it rounds to an integer.</summary>
    public const double RoundToInteger = 1.5 * (1UL << 52);

    /// <summary>2^-47: from a multiple of 2^47 to what it adds to the next digit.</summary>
    public const double Down = 1.0 / (1UL << DigitBits);

    private Vector256<double> digit;

    /// <summary>The lowest digit of the four lanes; the others lie behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref Vector256<double> First(in Quad1024 quad) =>
        ref Unsafe.As<Quad1024, Vector256<double>>(ref Unsafe.AsRef(in quad));
}

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

    private Vector256<double> digit;
}

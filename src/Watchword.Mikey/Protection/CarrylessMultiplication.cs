using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;
using X86Pclmulqdq = System.Runtime.Intrinsics.X86.Pclmulqdq;

namespace Watchword.Mikey.Protection;

/// <summary>
/// The product of two polynomials over GF(2) of degree below 64, in constant time. Bit i is the coefficient of x^i.
/// </summary>
internal interface ICarrylessMultiplication
{
    /// <summary>Whether this processor can.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>The 127 coefficients of <paramref name="left"/> times <paramref name="right"/>.</summary>
    static abstract (ulong High, ulong Low) Multiply(ulong left, ulong right);
}

/// <summary>PCLMULQDQ of x86.</summary>
internal readonly struct X86CarrylessMultiplication : ICarrylessMultiplication
{
    public static bool IsSupported => X86Pclmulqdq.IsSupported;

    public static (ulong High, ulong Low) Multiply(ulong left, ulong right)
    {
        Vector128<ulong> product = X86Pclmulqdq.CarrylessMultiply(
            Vector128.CreateScalar(left), Vector128.CreateScalar(right), 0x00);
        return (product.GetElement(1), product.GetElement(0));
    }
}

/// <summary>PMULL of Arm.</summary>
internal readonly struct ArmCarrylessMultiplication : ICarrylessMultiplication
{
    public static bool IsSupported => ArmAes.IsSupported;

    public static (ulong High, ulong Low) Multiply(ulong left, ulong right)
    {
        Vector128<ulong> product = ArmAes.PolynomialMultiplyWideningLower(Vector64.Create(left), Vector64.Create(right));
        return (product.GetElement(1), product.GetElement(0));
    }
}

/// <summary>
/// Integer multiplications of numbers that have every fourth bit only. Column i of the low half of such a product adds up i + 1
/// ones: at most 15, so that nothing is carried into the next column, but for the last, whose carry falls off the top. So the
/// lowest bit of each column is the sum over GF(2), and the mask takes it out. No table, no branch; integer multiplication takes
/// a constant time on the 64-bit processors that .NET runs on.
/// </summary>
internal readonly struct PortableCarrylessMultiplication : ICarrylessMultiplication
{
    private const ulong Every4th = 0x1111_1111_1111_1111;

    public static bool IsSupported => true;

    public static (ulong High, ulong Low) Multiply(ulong left, ulong right) =>
        // Reversed factors have the reversed product, whose low half is the high half from the other end, one bit off.
        (Reverse(LowHalf(Reverse(left), Reverse(right))) >> 1, LowHalf(left, right));

    private static ulong LowHalf(ulong x, ulong y)
    {
        ulong x0 = x & Every4th, x1 = x & (Every4th << 1), x2 = x & (Every4th << 2), x3 = x & (Every4th << 3);
        ulong y0 = y & Every4th, y1 = y & (Every4th << 1), y2 = y & (Every4th << 2), y3 = y & (Every4th << 3);
        ulong z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
        ulong z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
        ulong z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
        ulong z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
        return (z0 & Every4th) | (z1 & (Every4th << 1)) | (z2 & (Every4th << 2)) | (z3 & (Every4th << 3));
    }

    private static ulong Reverse(ulong x)
    {
        x = ((x & 0x5555_5555_5555_5555) << 1) | ((x >> 1) & 0x5555_5555_5555_5555);
        x = ((x & 0x3333_3333_3333_3333) << 2) | ((x >> 2) & 0x3333_3333_3333_3333);
        x = ((x & 0x0F0F_0F0F_0F0F_0F0F) << 4) | ((x >> 4) & 0x0F0F_0F0F_0F0F_0F0F);
        return BinaryPrimitives.ReverseEndianness(x);
    }
}

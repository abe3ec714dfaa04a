using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// <see cref="QuadMultiplication"/> for processors without fused multiply-add on vectors: lane after lane, by limbs. The same
/// residues; the digits may differ, since a residue has many.
/// </summary>
internal static class QuadPortable
{
    private const int LimbCount = 16;

    public static void Multiply(in Quad1024 left, in Quad1024 right, QuadModulus modulus, out Quad1024 product)
    {
        Unsafe.SkipInit(out product);
        Span<ulong> a = stackalloc ulong[LimbCount];
        Span<ulong> b = stackalloc ulong[LimbCount];
        for (int lane = 0; lane < Quad1024.Lanes; lane++)
        {
            ReadLane(in left, lane, modulus, a);
            ReadLane(in right, lane, modulus, b);
            MultiplyLimbs(a, b, modulus, a);
            WriteLane(ref product, lane, a);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(a));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(b));
    }

    public static void MultiplyAdd(
        in Quad1024 a, in Quad1024 b, in Quad1024 c, in Quad1024 d, QuadModulus modulus, out Quad1024 sum)
    {
        Multiply(a, b, modulus, out Quad1024 first);
        Multiply(c, d, modulus, out Quad1024 second);
        QuadArithmetic.Combine(1, first, 1, second, modulus, out sum);
    }

    /// <summary>The integer of a lane modulo m.</summary>
    public static void ReadLane(in Quad1024 value, int lane, QuadModulus modulus, Span<ulong> limbs)
    {
        Span<double> digits = stackalloc double[Quad1024.DigitCount];
        ReadOnlySpan<Vector256<double>> vectors = value;
        for (int i = 0; i < digits.Length; i++)
        {
            digits[i] = vectors[i].GetElement(lane);
        }

        QuadConversion.ToLimbs(digits, modulus.Limbs, limbs);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
    }

    /// <summary>Sets a lane to an integer of 16 limbs below m.</summary>
    public static void WriteLane(ref Quad1024 value, int lane, ReadOnlySpan<ulong> limbs)
    {
        Span<double> digits = stackalloc double[Quad1024.DigitCount];
        QuadConversion.ToDigits(limbs, digits);
        Span<double> target = MemoryMarshal.Cast<Vector256<double>, double>((Span<Vector256<double>>)value);
        for (int i = 0; i < digits.Length; i++)
        {
            target[(Quad1024.Lanes * i) + lane] = digits[i];
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
    }

    /// <summary>
    /// The product modulo m of two integers below m: two Montgomery multiplications, whose factors R^-1 and R cancel.
    /// </summary>
    private static void MultiplyLimbs(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, QuadModulus modulus, Span<ulong> destination)
    {
        Montgomery.MultiplyPortable<UInt1024>(left, right, modulus.Limbs, modulus.NegativeInverse, destination);
        Montgomery.MultiplyPortable<UInt1024>(destination, modulus.RSquared, modulus.Limbs, modulus.NegativeInverse, destination);
    }
}

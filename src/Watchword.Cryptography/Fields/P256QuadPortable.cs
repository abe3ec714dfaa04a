using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Between limbs and the digits of <see cref="P256Quad"/>, and its multiplication for processors without fused multiply-add on
/// vectors: lane after lane, by limbs. The same residues; the digits may differ, since a residue has many. Constant time.
/// </summary>
internal static class P256QuadPortable
{
    private const int LimbCount = 4;
    private const int Bits = P256Quad.DigitBits;
    private const ulong Mask = (1UL << Bits) - 1;

    /// <summary>2^264 as an element, and 2^-264: into the Montgomery form of quads and out of it.</summary>
    private static readonly P256Element Radix = P256Element.FromOctets([1, .. new byte[33]]);
    private static readonly P256Element RadixInverse = Radix.Invert();

    /// <summary>2^248: a Montgomery multiplication with it, whose R is 2^256, divides by 2^8.</summary>
    private static ReadOnlySpan<ulong> Quotient => [0, 0, 0, 1UL << 56];

    public static void Multiply(in P256Quad left, in P256Quad right, out P256Quad product)
    {
        Unsafe.SkipInit(out P256Quad result);
        Span<ulong> a = stackalloc ulong[LimbCount];
        Span<ulong> b = stackalloc ulong[LimbCount];
        for (int lane = 0; lane < P256Quad.Lanes; lane++)
        {
            ReadLane(in left, lane, a);
            ReadLane(in right, lane, b);
            Multiply(a, b, a);
            Multiply(a, Quotient, a);
            WriteLane(ref result, lane, a);
        }

        product = result;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(a));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(b));
    }

    public static void MultiplyAdd(in P256Quad a, in P256Quad b, in P256Quad c, in P256Quad d, out P256Quad sum)
    {
        Unsafe.SkipInit(out P256Quad result);
        Span<ulong> x = stackalloc ulong[LimbCount];
        Span<ulong> y = stackalloc ulong[LimbCount];
        Span<ulong> z = stackalloc ulong[LimbCount];
        for (int lane = 0; lane < P256Quad.Lanes; lane++)
        {
            ReadLane(in a, lane, x);
            ReadLane(in b, lane, y);
            Multiply(x, y, z);
            ReadLane(in c, lane, x);
            ReadLane(in d, lane, y);
            Multiply(x, y, x);
            Montgomery.Add<UInt256>(x, z, P256Prime.Value, x);
            Multiply(x, Quotient, x);
            WriteLane(ref result, lane, x);
        }

        sum = result;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(x));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(y));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(z));
    }

    /// <summary>The integer element · 2^264 mod p.</summary>
    public static void ToMontgomery(in P256Element element, Span<ulong> limbs) => (element * Radix).CopyIntegerTo(limbs);

    /// <summary>The element e of an integer e · 2^264 below p.</summary>
    public static P256Element FromMontgomery(ReadOnlySpan<ulong> limbs) => P256Element.FromInteger(limbs) * RadixInverse;

    /// <summary>
    /// The integer of a lane modulo p, as limbs below p. Its digits are below 2^53 and the number below 2^264, both absolute.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadLane(in P256Quad value, int lane, Span<ulong> limbs)
    {
        ref double digit = ref Unsafe.Add(ref Unsafe.As<P256Quad, double>(ref Unsafe.AsRef(in value)), lane);
        Span<ulong> digits = stackalloc ulong[P256Quad.DigitCount];
        long running = 0;
        for (int i = 0; i < P256Quad.DigitCount; i++)
        {
            running += (long)Unsafe.Add(ref digit, P256Quad.Lanes * i);
            digits[i] = (ulong)running & Mask;
            running >>= Bits;
        }

        // The number is the digits + running · 2^264. Plus 2^9 p, somewhat below 2^265, it is positive and below 2^266.
        Span<ulong> wide = stackalloc ulong[LimbCount + 1];
        ulong carry = 0;
        ReadOnlySpan<ulong> p = P256Prime.Value;
        wide[0] = Limbs.AddWithCarry(digits[0] | (digits[1] << 44), p[0] << 9, ref carry);
        wide[1] = Limbs.AddWithCarry((digits[1] >> 20) | (digits[2] << 24), (p[1] << 9) | (p[0] >> 55), ref carry);
        wide[2] = Limbs.AddWithCarry(
            (digits[2] >> 40) | (digits[3] << 4) | (digits[4] << 48), (p[2] << 9) | (p[1] >> 55), ref carry);
        wide[3] = Limbs.AddWithCarry((digits[4] >> 16) | (digits[5] << 28), (p[3] << 9) | (p[2] >> 55), ref carry);
        wide[4] = Limbs.AddWithCarry((digits[5] >> 36) | ((ulong)running << 8), p[3] >> 55, ref carry);

        // 2^256 = One modulo p, which is below 2^224: the sum is below 2^256 + 2^234, thus below 2p.
        ulong high = wide[4];
        carry = 0;
        ReadOnlySpan<ulong> one = P256Prime.One;
        for (int i = 0; i < LimbCount; i++)
        {
            wide[i] = Limbs.MultiplyAdd(one[i], high, wide[i], ref carry);
        }

        Montgomery.Reduce<UInt256>(
            ref MemoryMarshal.GetReference(wide), carry, ref Montgomery.Enter<UInt256>(p), ref Montgomery.Enter<UInt256>(limbs));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(wide));
    }

    /// <summary>Sets a lane to an integer below p, less p if that is nearer to zero: bound 1, size at most 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WriteLane(ref P256Quad value, int lane, ReadOnlySpan<ulong> limbs)
    {
        ref double digit = ref Unsafe.Add(ref Unsafe.As<P256Quad, double>(ref value), lane);
        Span<ulong> words = stackalloc ulong[LimbCount];

        // From 2^255 on p is taken off; the difference is negative, in two's complement with the sign in all higher bits.
        ulong sign = 0UL - (limbs[3] >> 63);
        ulong borrow = 0;
        for (int i = 0; i < LimbCount; i++)
        {
            words[i] = Limbs.SubtractWithBorrow(limbs[i], P256Prime.Value[i] & sign, ref borrow);
        }

        ulong carry = 0;
        Write(ref digit, 0, words[0] & Mask, ref carry);
        Write(ref digit, 1, ((words[0] >> 44) | (words[1] << 20)) & Mask, ref carry);
        Write(ref digit, 2, ((words[1] >> 24) | (words[2] << 40)) & Mask, ref carry);
        Write(ref digit, 3, (words[2] >> 4) & Mask, ref carry);
        Write(ref digit, 4, ((words[2] >> 48) | (words[3] << 16)) & Mask, ref carry);

        // The last has the sign and gives nothing on.
        Unsafe.Add(ref digit, P256Quad.Lanes * 5) = ((long)words[3] >> 28) + (long)carry;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>
    /// A digit of 44 bits and a carry from -2^43 to 2^43; what exceeds that is 2^44 less, and one more in the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref double lane, int index, ulong word, ref ulong carry)
    {
        word += carry;
        carry = (word + (1UL << (Bits - 1)) - 1) >> Bits;
        Unsafe.Add(ref lane, P256Quad.Lanes * index) = (long)(word - (carry << Bits));
    }

    private static void Multiply(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> destination) =>
        Montgomery.MultiplyPortable<UInt256>(left, right, P256Prime.Value, P256Prime.NegativeInverse, destination);
}
